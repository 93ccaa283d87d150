// Time that does not jump when the wall clock is set.
#ifndef PORTRAIT_CORE_BASE_STEADY_TIME_H_
#define PORTRAIT_CORE_BASE_STEADY_TIME_H_

#include <chrono>

#include "absl/time/time.h"

namespace portrait {

// Only differences between two of these mean something.
inline absl::Time SteadyNow() {
  return absl::UnixEpoch() +
         absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_STEADY_TIME_H_
