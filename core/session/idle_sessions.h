// IdleSessions knows the sessions that would take more work than they found,
// so that one of them can be woken if there is more.
#ifndef PORTRAIT_CORE_SESSION_IDLE_SESSIONS_H_
#define PORTRAIT_CORE_SESSION_IDLE_SESSIONS_H_

#include <list>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "core/work/work_source.h"

namespace portrait {

// What an idle session would take.
enum class Appetite { kUrgentOnly, kAnything };

// Thread-safe; every call is constant time, however many sessions there are.
//
//   session: Take() was empty ──Add──► idle ──Next──► woken: Take() again
//                                        └──Remove──► disconnected
class IdleSessions {
 public:
  // `session` found no work; it is idle until it is chosen by Next or removed.
  // Returns true instead if work came that no idle session was there to take:
  // then the session looks for work again.
  bool Add(const std::string& session, Appetite appetite);
  void Remove(const std::string& session);

  // Chooses the session that is to be woken for `work`: the one that has been
  // idle longest. Empty: none is idle, and the next Add returns true.
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
  // Empty if there is none but `except`.
  std::string PopLocked(Appetite appetite, const std::string& except)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  absl::Mutex mu_;
  std::list<std::string> for_anything_ ABSL_GUARDED_BY(mu_);  // longest first
  std::list<std::string> for_urgent_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, Place> places_ ABSL_GUARDED_BY(mu_);
  // Work that waits for a session of that appetite.
  bool anything_waits_ ABSL_GUARDED_BY(mu_) = false;
  bool urgent_waits_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_IDLE_SESSIONS_H_
