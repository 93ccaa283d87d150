// ImageJanitor deletes images that may not be kept any longer:
//
//   - all images of a contact that hides or removes its picture, leaves
//     WhatsApp, objects, or is not stored any more: within seconds of the
//     change, and at the latest in the next round;
//   - an image that the contact has replaced: after keep_replaced;
//   - blobs without a reference, which a crash may leave: each day.
//
// The store decides: a round compares every image with its contact's record, so
// that no event can be missed.
#ifndef PORTRAIT_CORE_IMAGE_IMAGE_JANITOR_H_
#define PORTRAIT_CORE_IMAGE_IMAGE_JANITOR_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/image/image_vault.h"
#include "core/store/picture_store.h"

namespace portrait {

// The result of one round.
struct ImageRound {
  uint64_t images = 0;  // that are kept
  uint64_t bytes = 0;   // of all images, identical ones counted each time
  uint64_t removed = 0;
  uint64_t blobs_deleted = 0;
  absl::Status status;
};

struct ImageJanitorOptions {
  absl::Duration keep_replaced = absl::Hours(30 * 24);
  absl::Duration first_round = absl::Minutes(1);
  absl::Duration round_interval = absl::Hours(1);
  absl::Duration list_interval = absl::Hours(24);  // between lists of all blobs
  Clock clock = SystemClock();
  std::function<void(const ImageRound&)> on_round;  // may be null
};

// Thread-safe. Owns a thread.
class ImageJanitor {
 public:
  // `store` and `vault` are borrowed.
  ImageJanitor(PictureStore& store, ImageVault& vault,
               ImageJanitorOptions options);
  ~ImageJanitor();

  // Changes were stored. Does not block.
  void Wake();

  // Runs one round now, with a list of all blobs.
  ImageRound Tidy();

 private:
  void Run();
  bool IsStopping() const;
  // Deletes what the changes since the last call require.
  absl::Status FollowChanges() ABSL_EXCLUSIVE_LOCKS_REQUIRED(work_mu_);
  absl::Status TidyContacts(const std::vector<Change>& changes,
                            ImageRound* round);
  ImageRound RunRound(bool lists_blobs) ABSL_EXCLUSIVE_LOCKS_REQUIRED(work_mu_);
  absl::Status CompareAll(ImageRound* round);
  absl::Status DeleteBlobs(bool lists_blobs, ImageRound* round);
  absl::Status Judge(const std::vector<StoredImage>& images, ImageRound* round);

  PictureStore& store_;
  ImageVault& vault_;
  const ImageJanitorOptions options_;
  // Changes up to this one are from before the first image.
  const uint64_t first_sequence_;

  absl::Mutex work_mu_;  // held during a round, which blocks

  mutable absl::Mutex mu_;
  bool woken_ ABSL_GUARDED_BY(mu_) = true;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  std::thread thread_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_IMAGE_JANITOR_H_
