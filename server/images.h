// Images joins the kept images with lookups, accounts and metrics.
#ifndef PORTRAIT_SERVER_IMAGES_H_
#define PORTRAIT_SERVER_IMAGES_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/fair_threads.h"
#include "core/base/in_flight_count.h"
#include "core/image/image_janitor.h"
#include "core/image/image_keeper.h"
#include "core/image/image_reader.h"
#include "core/image/image_vault.h"
#include "core/lookup/change_feed.h"
#include "core/lookup/lookup_engine.h"
#include "core/session/session_pool.h"
#include "core/store/picture_store.h"
#include "core/whatsapp/jid.h"
#include "portrait/v1/profile_picture.pb.h"
#include "server/call_counts.h"
#include "server/image_metrics.h"
#include "server/image_options.h"
#include "server/image_wait.h"
#include "server/metrics.h"

namespace portrait {

// The metadata that callers get.
v1::ImageMetadata ToProto(const StoredImage& image);

// Errors: as Images::Open.
absl::StatusOr<std::unique_ptr<BlobStore>> OpenBlobs(
    const ImageOptions& options);

// Thread-safe.
class Images {
 public:
  // Limits of downloads under way; each holds an image of up to 5 MiB.
  static constexpr CallCounts::Limits kDownloadLimits = {/*of_tenant=*/32,
                                                         /*in_all=*/64};
  // Limits of searches for similar pictures; each may hold an image of 3 MiB.
  static constexpr CallCounts::Limits kSearchLimits = {/*of_tenant=*/16,
                                                       /*in_all=*/32};
  // Searches that wait for a thread, those of lookups that ask for shared_by
  // included.
  static constexpr size_t kMaxWaitingSearches = 10'000;

  // The other arguments are borrowed.
  //
  // Errors: INVALID_ARGUMENT, FAILED_PRECONDITION or PERMISSION_DENIED if the
  // folder, the bucket or the key cannot be used; those of the store.
  static absl::StatusOr<std::unique_ptr<Images>> Open(
      const ImageOptions& options, PictureStore& store,
      OrderedKeyValueStore& index, SessionPool& sessions, LookupEngine& engine,
      ChangeFeed& changes, Metrics& metrics);
  ~Images();

  ImageKeeper& keeper() { return *keeper_; }
  ImageVault& vault() { return *vault_; }
  ImageReader& reader() { return reader_; }
  ImageWaits& waits() { return waits_; }
  ImageMetrics& metrics() { return metrics_; }
  CallCounts& downloads() { return downloads_; }
  CallCounts& searches() { return searches_; }
  bool fetches_all() const { return fetches_all_; }

  // Runs work that blocks on images, in the tenant's turn. The caller bounds
  // its amount.
  void Post(const std::string& tenant, std::function<void()> work);
  // The same for a search for similar pictures, which takes milliseconds of
  // computing: searches have threads of their own, so that downloads and the
  // keeping of images do not wait for them. Returns false if
  // kMaxWaitingSearches wait.
  bool PostSearch(const std::string& tenant, std::function<void()> search);
  // Waits until all posted work has ended.
  void WaitForPosted();

  // Deletes all images of the contacts. Blocks.
  absl::Status Forget(const std::vector<whatsapp::Jid>& contacts);
  // Adds the images that are kept of the pictures before and after a change.
  // Blocks on the store.
  absl::Status AddTo(v1::ProfilePictureChange* change);
  // Deletes what may not be kept, now.
  ImageRound Tidy() { return janitor_->Tidy(); }

 private:
  Images(const ImageOptions& options, std::unique_ptr<ImageVault> vault,
         Metrics& metrics);
  absl::StatusOr<std::optional<StoredImage>> FindEither(
      const std::string& jid, const std::string& picture_id);

  const bool fetches_all_;
  ImageMetrics metrics_;
  ImageReader reader_;
  const std::unique_ptr<ImageVault> vault_;
  CallCounts downloads_{kDownloadLimits};
  CallCounts searches_{kSearchLimits};
  ImageWaits waits_;
  std::unique_ptr<ImageKeeper> keeper_;
  std::unique_ptr<ImageJanitor> janitor_;
  std::shared_ptr<void> subscription_;
  InFlightCount posted_;
  std::atomic<size_t> waiting_searches_ = 0;
  FairThreads threads_, search_threads_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_IMAGES_H_
