// AvailabilityCounts counts the sessions that may take work as their states
// change, so that no caller has to query all of them.
#ifndef PORTRAIT_CORE_SESSION_AVAILABILITY_COUNTS_H_
#define PORTRAIT_CORE_SESSION_AVAILABILITY_COUNTS_H_

#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/work/session_directory.h"

namespace portrait {

// The time from which a session may take work.
struct Readiness {
  enum class Kind {
    kUnlinked,  // not before an operator acts
    kAway,      // it logs in again at `time`
    kLoggedIn,  // from `time` on
  };
  Kind kind = Kind::kUnlinked;
  absl::Time time = absl::InfinitePast();
  // Orders updates of one session from several threads, see NextVersion().
  uint64_t version = 0;

  SessionDirectory::Availability At(absl::Time now) const;
};

// Thread-safe. Every call is logarithmic in the number of sessions.
class AvailabilityCounts {
 public:
  // Returns a number greater than all before. Call it while holding the lock
  // that protects the reported state.
  uint64_t NextVersion() { return ++last_version_; }

  // Sets the state of `session`. An older version than the known one is
  // ignored.
  void Set(const std::string& session, const Readiness& readiness);
  void Remove(const std::string& session);

  // The counts over all sessions.
  SessionDirectory::Availability Get(absl::Time now);

 private:
  using ByTime = std::set<std::pair<absl::Time, std::string>>;

  void AddLocked(const std::string& session, const Readiness& readiness)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void RemoveLocked(const std::string& session, const Readiness& readiness)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  std::atomic<uint64_t> last_version_ = 0;

  absl::Mutex mu_;
  absl::flat_hash_map<std::string, Readiness> sessions_ ABSL_GUARDED_BY(mu_);
  ByTime away_ ABSL_GUARDED_BY(mu_);
  // Logged-in sessions. `waiting_` has the sessions that were not ready at the
  // last Get(); `ready_` has the other sessions.
  ByTime waiting_ ABSL_GUARDED_BY(mu_);
  ByTime ready_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_AVAILABILITY_COUNTS_H_
