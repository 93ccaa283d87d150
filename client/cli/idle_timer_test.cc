#include "client/cli/idle_timer.h"

#include <gtest/gtest.h>

#include <atomic>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "tests/support/test_deadline.h"

namespace portrait::cli {
namespace {

TEST(IdleTimerTest, FiresOnceIfNothingHappens) {
  absl::Notification idle;
  IdleTimer timer(absl::Milliseconds(1), absl::InfiniteDuration(),
                  [&idle] { idle.Notify(); });
  EXPECT_TRUE(idle.WaitForNotificationWithTimeout(kTestDeadline));
  EXPECT_TRUE(timer.fired());
  timer.Touch();  // too late; a second Notify would end the program
}

TEST(IdleTimerTest, CountsFromTheLastTouch) {
  constexpr absl::Duration kPatience = absl::Milliseconds(300);
  absl::Notification idle;
  // This timer starts only with the first touch.
  IdleTimer timer(absl::InfiniteDuration(), kPatience,
                  [&idle] { idle.Notify(); });
  EXPECT_FALSE(timer.fired());
  absl::Time touched;
  for (int i = 0; i < 100; ++i) {
    touched = absl::Now();
    timer.Touch();
  }
  EXPECT_TRUE(idle.WaitForNotificationWithTimeout(kTestDeadline));
  EXPECT_GE(absl::Now() - touched, kPatience);
}

TEST(IdleTimerTest, NeverFiresAfterItsDestruction) {
  std::atomic<bool> told = false;
  {
    IdleTimer timer(absl::InfiniteDuration(), absl::InfiniteDuration(),
                    [&told] { told = true; });
    timer.Touch();
    EXPECT_FALSE(timer.fired());
  }
  {
    IdleTimer timer(kTestDeadline, kTestDeadline, [&told] { told = true; });
  }
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace portrait::cli
