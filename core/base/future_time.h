// Detects stored times that lie in the future: a machine's clock ran ahead,
// answers were stored, and then the clock was corrected.
#ifndef PORTRAIT_CORE_BASE_FUTURE_TIME_H_
#define PORTRAIT_CORE_BASE_FUTURE_TIME_H_

#include "absl/time/time.h"

namespace portrait {

// Whether `stored` must have been written by a clock that ran ahead; the caller
// then ignores it. One second of tolerance allows for events on other threads.
inline bool IsFromTheFuture(absl::Time stored, absl::Time now) {
  return stored > now + absl::Seconds(1);
}

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_FUTURE_TIME_H_
