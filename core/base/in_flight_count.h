// Counts operations under way and waits until all of them have ended.
#ifndef PORTRAIT_CORE_BASE_IN_FLIGHT_COUNT_H_
#define PORTRAIT_CORE_BASE_IN_FLIGHT_COUNT_H_

#include <cstddef>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace portrait {

// Thread-safe.
class InFlightCount {
 public:
  void Add() {
    absl::MutexLock lock(&mu_);
    ++count_;
  }
  void Remove() {
    absl::MutexLock lock(&mu_);
    --count_;
  }
  // Returns false if operations were still under way after `timeout`.
  bool WaitUntilZero(absl::Duration timeout) {
    absl::MutexLock lock(&mu_);
    return mu_.AwaitWithTimeout(
        absl::Condition(
            +[](size_t* count) { return *count == 0; }, &count_),
        timeout);
  }

 private:
  absl::Mutex mu_;
  size_t count_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_IN_FLIGHT_COUNT_H_
