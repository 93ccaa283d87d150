// ChangeFeed lets any number of watchers follow the change log, each at its own
// speed: a watcher reads the log on demand and is woken when changes are added.
#ifndef PORTRAIT_CORE_LOOKUP_CHANGE_FEED_H_
#define PORTRAIT_CORE_LOOKUP_CHANGE_FEED_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/store/picture_store.h"

namespace portrait {

// The token of the position before every change.
inline constexpr char kBeginningToken[] = "beginning";
// Makes a token that is opaque to callers and stays valid over restarts.
std::string MakeResumeToken(uint64_t sequence);
// Errors: INVALID_ARGUMENT if `token` was not made by MakeResumeToken.
absl::StatusOr<uint64_t> ParseResumeToken(absl::string_view token);

// Thread-safe. Sets the store's only change listener.
class ChangeFeed {
 public:
  explicit ChangeFeed(PictureStore& store);  // borrowed

  // Calls `wake`, from any thread, after changes were stored, until the
  // returned handle is destroyed. `wake` must not block; one call may stand for
  // several changes. The handle's destructor waits for a call under way, so
  // destroy it neither inside `wake` nor while holding a lock that `wake`
  // takes. The handle may outlive the feed.
  std::shared_ptr<void> Subscribe(std::function<void()> wake);

  absl::StatusOr<std::vector<Change>> Read(uint64_t after, size_t limit) {
    return store_.ReadChanges(after, limit);
  }
  uint64_t last_sequence() const { return store_.last_sequence(); }

 private:
  class Subscriber;
  class Subscribers;

  PictureStore& store_;
  const std::shared_ptr<Subscribers> subscribers_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_CHANGE_FEED_H_
