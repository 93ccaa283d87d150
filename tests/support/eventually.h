// Waits in a test for a condition that another thread or process brings about.
#ifndef PORTRAIT_TESTS_SUPPORT_EVENTUALLY_H_
#define PORTRAIT_TESTS_SUPPORT_EVENTUALLY_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/support/test_deadline.h"

namespace portrait {

// Returns whether the condition holds within `timeout`.
template <typename Condition>
bool Eventually(Condition holds, absl::Duration timeout = kTestDeadline) {
  const absl::Time end = absl::Now() + timeout;
  while (!holds()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

}  // namespace portrait

#endif  // PORTRAIT_TESTS_SUPPORT_EVENTUALLY_H_
