// Fetches the images of lookup results, and lets results wait for them.
#ifndef PORTRAIT_SERVER_IMAGE_WAIT_H_
#define PORTRAIT_SERVER_IMAGE_WAIT_H_

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/image/image_index.h"
#include "core/lookup/lookup_request.h"
#include "core/lookup/lookup_results.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

class ImageKeeper;

// The longest time for which a result waits for its image.
inline constexpr absl::Duration kMaxImageWait = absl::Minutes(1);

// Ends the waits that take too long. Thread-safe. Owns a thread.
class ImageWaits {
 public:
  // One result that waits. Thread-safe.
  class Wait {
   public:
    explicit Wait(std::function<void()> give_up)
        : give_up_(std::move(give_up)) {}
    // Returns true for the first caller, who sends the result.
    bool End() {
      absl::MutexLock lock(&mu_);
      return !std::exchange(is_over_, true);
    }
    bool is_over() const {
      absl::MutexLock lock(&mu_);
      return is_over_;
    }
    void GiveUp() {
      if (End()) give_up_();
    }

   private:
    const std::function<void()> give_up_;
    mutable absl::Mutex mu_;
    bool is_over_ ABSL_GUARDED_BY(mu_) = false;
  };

  ImageWaits();
  ~ImageWaits();

  // Calls GiveUp after kMaxImageWait.
  void Add(std::shared_ptr<Wait> wait);

 private:
  struct Entry {
    absl::Time until;
    std::shared_ptr<Wait> wait;
  };
  void Run();

  absl::Mutex mu_;
  std::deque<Entry> entries_ ABSL_GUARDED_BY(mu_);  // oldest first
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

// How the images of a call's results are fetched.
struct ImageFetching {
  ImageKeeper& keeper;
  ImageWaits& waits;
  std::string tenant;
  bool is_preview = false;
  bool urgent = false;
  // Finds out what else a result tells of its kept image, and passes it to
  // `done` once, on any thread. Blocks only if too much waits. Null: nothing.
  std::function<void(const StoredImage&,
                     std::function<void(v1::ProfilePicture more)> done)>
      describe;
};

// Fetches the images; the results do not wait for them.
void KeepImagesOf(const ImageFetching& fetching, const LookupResults& results);

// Passes each result to `call` once its image is kept or cannot be, with the
// image's metadata. Results without a picture are passed at once.
void SendWithImages(const ImageFetching& fetching, LookupResults results,
                    std::weak_ptr<ResultSink> call);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_IMAGE_WAIT_H_
