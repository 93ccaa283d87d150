// A monotonic clock: setting the wall clock does not change it.
#ifndef PORTRAIT_CORE_BASE_STEADY_TIME_H_
#define PORTRAIT_CORE_BASE_STEADY_TIME_H_

#include <chrono>

#include "absl/time/time.h"

namespace portrait {

// Only the difference between two of these times has a meaning.
inline absl::Time SteadyNow() {
  return absl::UnixEpoch() +
         absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_STEADY_TIME_H_
