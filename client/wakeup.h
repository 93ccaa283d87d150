// Wakeup lets one thread wait until any of several events has happened. The
// thread then finds out by itself which event it was.
#ifndef PORTRAIT_CLIENT_WAKEUP_H_
#define PORTRAIT_CLIENT_WAKEUP_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace portrait::client {

// Thread-safe.
class Wakeup {
 public:
  // Ends the current wait or, if no thread waits, the next one.
  void Notify() {
    absl::MutexLock lock(&mu_);
    notified_ = true;
  }

  // Waits for Notify, but not longer than until `deadline`.
  void WaitUntil(absl::Time deadline) {
    absl::MutexLock lock(&mu_);
    mu_.AwaitWithDeadline(absl::Condition(&notified_), deadline);
    notified_ = false;
  }

 private:
  absl::Mutex mu_;
  bool notified_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_WAKEUP_H_
