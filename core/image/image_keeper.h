// ImageKeeper fetches the pictures of contacts and keeps their images.
//
//   1. An image that is kept already is not fetched.
//   2. CdnFetcher downloads the image. If the URL is dead, a new one is asked
//      for, once.
//   3. The image is decoded, in the sandbox of core/image/image_reader.h.
//   4. ImageVault stores it.
//   5. If the contact has hidden, removed or replaced the picture meanwhile, or
//      was forgotten, the image is deleted at once.
#ifndef PORTRAIT_CORE_IMAGE_IMAGE_KEEPER_H_
#define PORTRAIT_CORE_IMAGE_IMAGE_KEEPER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/clock.h"
#include "core/base/secret.h"
#include "core/image/cdn_fetcher.h"
#include "core/image/image_vault.h"
#include "core/store/picture_store.h"

namespace portrait {

// Asks WhatsApp for a new URL of a picture whose URL is dead. Calls `done`
// once, on any thread.
using UrlAsker =
    std::function<void(const ImageId& id, const std::string& tenant,
                       std::function<void(absl::StatusOr<std::string>)> done)>;

// Counts what happens. Thread-safe; must not block.
class ImageObserver {
 public:
  virtual ~ImageObserver() = default;
  virtual void OnFetched(size_t bytes) = 0;
  // An image that was wanted is not kept. `reason` is a name out of few.
  virtual void OnFailed(absl::string_view reason) = 0;
  // The hash of the image is another one than WhatsApp told.
  virtual void OnOtherHash() = 0;
};

struct WantedImage {
  ImageId id;
  std::string url;      // as WhatsApp sent it; empty: it is asked for
  std::string hash;     // that WhatsApp told; empty: none
  std::string session;  // the account that saw the picture; empty: not told
  std::string tenant;   // in whose turn a new URL is asked for
  bool urgent = false;  // a caller waits for this image
};

struct ImageKeeperOptions {
  CdnFetcherOptions fetcher;
  // Threads that decode and store images.
  size_t threads = 4;
  // Images that are wanted and not kept yet; further ones fail.
  size_t max_wanted = 20'000;
  Clock clock = SystemClock();

  // Decodes an image, and sets its size, format and hashes.
  //
  // Errors: INVALID_ARGUMENT or OUT_OF_RANGE if it is no valid image.
  std::function<absl::Status(absl::string_view bytes, StoredImage* image)>
      read_facts;
  // The proxy of the WhatsApp account that saw the picture, as
  // FetchRequest::proxy. May block.
  std::function<Secret(const WantedImage& wanted)> proxy_of;
  UrlAsker ask_url;
  ImageObserver* observer = nullptr;  // borrowed; null: none
};

struct KeptImage {
  StoredImage image;
  // Set if the image was fetched just now; else ImageVault::Read has it.
  std::shared_ptr<const std::string> bytes;
  bool is_kept = true;  // false: it could not be stored
};

// Thread-safe.
class ImageKeeper {
 public:
  // Receives a result, or
  //   NOT_FOUND           the contact shows the picture no longer;
  //   UNAVAILABLE         WhatsApp or its CDN does not give the image now;
  //   DEADLINE_EXCEEDED   the CDN is too slow;
  //   INVALID_ARGUMENT    the CDN sends something else than an image;
  //   RESOURCE_EXHAUSTED  too many images are wanted;
  //   CANCELLED           the keeper is destroyed;
  //   those of the store.
  // Called on a thread of the keeper, or before Keep returns.
  using OnKept = std::function<void(absl::StatusOr<KeptImage>)>;

  // `store` and `vault` are borrowed.
  ImageKeeper(PictureStore& store, ImageVault& vault,
              ImageKeeperOptions options);
  // Ends all that is wanted; returns after the last call of an OnKept.
  ~ImageKeeper();

  // Identical wishes share one fetch.
  void Keep(WantedImage wanted, OnKept done);

  // Images that are wanted and not kept yet.
  size_t wanted() const;

 private:
  class Core;
  const std::shared_ptr<Core> core_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_IMAGE_KEEPER_H_
