// IdleSessions knows the sessions that found less work than they can take, so
// that one of them can be woken for new work.
#ifndef PORTRAIT_CORE_SESSION_IDLE_SESSIONS_H_
#define PORTRAIT_CORE_SESSION_IDLE_SESSIONS_H_

#include <list>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "core/work/work_source.h"

namespace portrait {

// The work that an idle session would take.
enum class Appetite { kUrgentOnly, kAnything };

// Thread-safe; every call is constant time, however many sessions there are.
//
//   session: Take() was empty ──Add──► idle ──Next──► woken: Take() again
//                                        └──Remove──► disconnected
class IdleSessions {
 public:
  // `session` found no work, and is idle until Next chooses it or it is
  // removed. Returns true if work came for which no session was idle: the
  // session is then not idle and must look for work again.
  bool Add(const std::string& session, Appetite appetite);
  void Remove(const std::string& session);

  // Returns the name of the session to wake for `work`, the longest idle
  // session. Returns an empty name if none is idle; the next Add then returns
  // true.
  std::string Next(const NewWork& work);

 private:
  struct Place {
    Appetite appetite;
    std::list<std::string>::iterator position;
  };

  std::list<std::string>& ListOf(Appetite appetite)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return appetite == Appetite::kAnything ? for_anything_ : for_urgent_;
  }
  void RemoveLocked(const std::string& session)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Returns an empty name if no session but `except` is idle.
  std::string PopLocked(Appetite appetite, const std::string& except)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  absl::Mutex mu_;
  // The longest idle first.
  std::list<std::string> for_anything_ ABSL_GUARDED_BY(mu_);
  std::list<std::string> for_urgent_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, Place> places_ ABSL_GUARDED_BY(mu_);
  // Whether work waits for a session of that appetite.
  bool anything_waits_ ABSL_GUARDED_BY(mu_) = false;
  bool urgent_waits_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_IDLE_SESSIONS_H_
