// The deadline of a test for events that should happen at once.
#ifndef PORTRAIT_TESTS_SUPPORT_TEST_DEADLINE_H_
#define PORTRAIT_TESTS_SUPPORT_TEST_DEADLINE_H_

#include "absl/time/time.h"

namespace portrait {

// Generous, because the machine may be busy with other work. A test that
// reaches the deadline fails.
inline constexpr absl::Duration kTestDeadline = absl::Seconds(60);

}  // namespace portrait

#endif  // PORTRAIT_TESTS_SUPPORT_TEST_DEADLINE_H_
