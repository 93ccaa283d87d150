// Stored times that cannot be: a machine's clock runs ahead, answers are
// stored, and the clock is put right.
#ifndef PORTRAIT_CORE_BASE_FUTURE_TIME_H_
#define PORTRAIT_CORE_BASE_FUTURE_TIME_H_

#include "absl/time/time.h"

namespace portrait {

// Whether `stored` can only be the time of a clock that ran ahead: it counts
// for nothing then. A second is allowed for what happens at the same time on
// other threads.
inline bool IsFromTheFuture(absl::Time stored, absl::Time now) {
  return stored > now + absl::Seconds(1);
}

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_FUTURE_TIME_H_
