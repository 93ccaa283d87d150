// ChangeFeed lets any number of watchers follow the change log, each at its
// own speed: it reads the log on demand and wakes those who wait at its end.
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

// Before every change.
inline constexpr char kBeginningToken[] = "beginning";
// Opaque to callers; survives restarts.
std::string MakeResumeToken(uint64_t sequence);
// Errors: INVALID_ARGUMENT for what is no token of ours.
absl::StatusOr<uint64_t> ParseResumeToken(absl::string_view token);

// Thread-safe. Takes the store's change listener for itself.
class ChangeFeed {
 public:
  static std::unique_ptr<ChangeFeed> Make(PictureStore& store);
  virtual ~ChangeFeed() = default;

  // `wake` is called, from any thread and without blocking, after changes were
  // stored, until the returned handle goes (its destructor waits for a call
  // under way: let it go neither inside `wake` nor holding a lock that `wake`
  // takes). One call stands for any number of changes. The handle may outlive
  // the feed.
  virtual std::shared_ptr<void> Subscribe(std::function<void()> wake) = 0;

  virtual absl::StatusOr<std::vector<Change>> Read(uint64_t after,
                                                   size_t limit) = 0;
  virtual uint64_t last_sequence() const = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_CHANGE_FEED_H_
