// The time source of components. A component takes a Clock in its Options, so
// that tests advance the time instead of waiting for it.
#ifndef PORTRAIT_CORE_BASE_CLOCK_H_
#define PORTRAIT_CORE_BASE_CLOCK_H_

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace portrait {

using Clock = std::function<absl::Time()>;

// The machine's wall clock.
inline Clock SystemClock() {
  return [] { return absl::Now(); };
}

// A clock that moves only when a test advances it. Thread-safe; must outlive
// the clocks that it gave out.
class ManualClock {
 public:
  explicit ManualClock(absl::Time now) : now_(now) {}

  absl::Time Now() const {
    absl::MutexLock lock(&mu_);
    return now_;
  }
  void Advance(absl::Duration by) {
    absl::MutexLock lock(&mu_);
    now_ += by;
  }
  Clock clock() const {
    return [this] { return Now(); };
  }

 private:
  mutable absl::Mutex mu_;
  absl::Time now_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_CLOCK_H_
