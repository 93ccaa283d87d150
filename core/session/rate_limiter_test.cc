#include "core/session/rate_limiter.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portrait {
namespace {

class RateLimiterTest : public ::testing::Test {
 protected:
  // The number of queries sent within `time`, each as soon as it is allowed.
  int SendFor(RateLimiter& limiter, absl::Duration time,
              absl::Duration step = absl::Milliseconds(10)) {
    int sent = 0;
    const absl::Time end = clock_.Now() + time;
    while (clock_.Now() < end) {
      for (int burst = 0; burst < 1000 && limiter.Allowed(); ++burst) {
        limiter.Acquire();
        ++sent;
      }
      clock_.Advance(step);
    }
    return sent;
  }

  ManualClock clock_{absl::FromUnixSeconds(1'750'000'000)};
};

TEST_F(RateLimiterTest, LetsTheConfiguredRateThroughAfterOneSecondsBurst) {
  RateLimiter limiter(10, clock_.clock());
  EXPECT_NEAR(SendFor(limiter, absl::Seconds(20)), 10 + 20 * 10, 2);
}

TEST_F(RateLimiterTest, SendsOneAtOnceAtASlowRate) {
  RateLimiter limiter(0.2, clock_.clock());
  EXPECT_TRUE(limiter.Allowed());
  limiter.Acquire();
  EXPECT_NEAR(absl::ToDoubleSeconds(limiter.NextAllowed() - clock_.Now()), 5,
              0.001);
  clock_.Advance(absl::Seconds(5) + absl::Microseconds(1));
  EXPECT_TRUE(limiter.Allowed());
}

TEST_F(RateLimiterTest, ALargeQueryUsesTokensAfterwards) {
  RateLimiter limiter(0.2, clock_.clock());
  limiter.Acquire(4);
  EXPECT_NEAR(absl::ToDoubleSeconds(limiter.NextAllowed() - clock_.Now()), 20,
              0.001);
  clock_.Advance(absl::Seconds(20) + absl::Microseconds(1));
  EXPECT_TRUE(limiter.Allowed());
}

TEST_F(RateLimiterTest, AnUrgentQueryDoesNotWaitForTheTokensOfALargeQuery) {
  RateLimiter limiter(0.2, clock_.clock());
  limiter.Acquire(4);
  int urgent = 0;
  for (int seconds = 0; seconds < 60; ++seconds) {
    clock_.Advance(absl::Seconds(1));
    if (!limiter.AllowedUrgent()) continue;
    limiter.Acquire();
    ++urgent;
  }
  EXPECT_NEAR(urgent, 12, 2);  // one in five seconds, as ever
  // The large query is still to be paid for.
  EXPECT_GT(limiter.NextAllowed() - clock_.Now(), absl::Seconds(10));
}

TEST_F(RateLimiterTest, ARefusalHoldsUpUrgentQueriesToo) {
  RateLimiter limiter(0.2, clock_.clock());
  limiter.Acquire(4);
  clock_.Advance(absl::Seconds(1));
  limiter.OnRefused(clock_.Now(), absl::Seconds(45));
  clock_.Advance(absl::Seconds(44));
  EXPECT_FALSE(limiter.AllowedUrgent());
}

TEST_F(RateLimiterTest, ATimerSetToNextAllowedFindsTheQueryAllowed) {
  RateLimiter limiter(3, clock_.clock());
  for (int i = 0; i < 1000; ++i) {
    const absl::Time next = std::max(limiter.NextAllowed(), clock_.Now());
    clock_.Advance(next - clock_.Now());
    ASSERT_TRUE(limiter.Allowed()) << "query " << i;
    limiter.Acquire();
  }
}

TEST_F(RateLimiterTest, MeasuresTheRateUnderAClockBefore1970) {
  clock_.Advance(absl::UnixEpoch() - absl::Hours(1) - clock_.Now());
  RateLimiter limiter(3, clock_.clock());
  for (int i = 0; i < 10; ++i) {
    limiter.Acquire();
    clock_.Advance(absl::Seconds(1));
  }
  EXPECT_TRUE(limiter.Allowed());
}

TEST_F(RateLimiterTest, SavesUpNoMoreThanABurst) {
  RateLimiter limiter(5, clock_.clock());
  clock_.Advance(absl::Hours(10));
  EXPECT_NEAR(SendFor(limiter, absl::Milliseconds(10)), 5, 1);
}

TEST_F(RateLimiterTest, WithoutALimitAnyNumberOfQueriesIsAllowed) {
  RateLimiter limiter(0, clock_.clock());
  EXPECT_EQ(SendFor(limiter, absl::Milliseconds(10)), 1000);
  EXPECT_EQ(limiter.per_second(), 0);
}

TEST_F(RateLimiterTest, HonoursTheBackoffToTheSecond) {
  RateLimiter limiter(10, clock_.clock());
  const absl::Time sent_at = clock_.Now();
  limiter.Acquire();
  clock_.Advance(absl::Milliseconds(20));
  const absl::Time told_at = clock_.Now();
  EXPECT_TRUE(limiter.OnRefused(sent_at, absl::Seconds(45)));
  EXPECT_EQ(limiter.NextAllowed(), told_at + absl::Seconds(45));
  EXPECT_EQ(limiter.blocked_until(), told_at + absl::Seconds(45));
  clock_.Advance(absl::Seconds(45) - absl::Milliseconds(1));
  EXPECT_FALSE(limiter.Allowed());
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_TRUE(limiter.Allowed());
}

TEST_F(RateLimiterTest, WithoutABackoffTheWaitDoublesFromHalfAMinuteToAnHour) {
  RateLimiter limiter(10, clock_.clock());
  std::vector<absl::Duration> waits;
  for (int i = 0; i < 9; ++i) {
    const absl::Time sent_at = clock_.Now();
    limiter.Acquire();
    clock_.Advance(absl::Milliseconds(20));
    limiter.OnRefused(sent_at, absl::ZeroDuration());
    waits.push_back(limiter.blocked_until() - clock_.Now());
    clock_.Advance(waits.back());
  }
  EXPECT_THAT(waits, ::testing::ElementsAre(
                         absl::Seconds(30), absl::Minutes(1), absl::Minutes(2),
                         absl::Minutes(4), absl::Minutes(8), absl::Minutes(16),
                         absl::Minutes(32), absl::Hours(1), absl::Hours(1)));
  // An answer to a query that was sent after the wait ends the doubling.
  limiter.OnAnswered(clock_.Now() + absl::Milliseconds(1));
  clock_.Advance(absl::Milliseconds(5));
  limiter.OnRefused(clock_.Now(), absl::ZeroDuration());
  EXPECT_EQ(limiter.blocked_until() - clock_.Now(), absl::Seconds(30));
}

TEST_F(RateLimiterTest, HalvesARefusedRateOnceForAWholeWindow) {
  RateLimiter limiter(20, clock_.clock());
  SendFor(limiter, absl::Seconds(5));
  const absl::Time sent_at = clock_.Now();
  clock_.Advance(absl::Milliseconds(20));
  EXPECT_TRUE(limiter.OnRefused(sent_at, absl::Seconds(1)));
  for (int i = 0; i < 15; ++i) {
    clock_.Advance(absl::Milliseconds(1));
    EXPECT_FALSE(limiter.OnRefused(sent_at, absl::Seconds(1)));
  }
  EXPECT_NEAR(limiter.per_second(), 10, 0.5);
}

TEST_F(RateLimiterTest, ClimbsBackToTheConfiguredRateAndNoFurther) {
  RateLimiter limiter(20, clock_.clock());
  SendFor(limiter, absl::Seconds(5));
  limiter.OnRefused(clock_.Now(), absl::Seconds(1));
  clock_.Advance(absl::Seconds(1) + RateLimiter::kRecoveryTime / 2);
  EXPECT_NEAR(limiter.per_second(), 15, 1);
  clock_.Advance(RateLimiter::kRecoveryTime / 2 + absl::Seconds(5));
  EXPECT_EQ(limiter.per_second(), 20);
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(limiter.per_second(), 20);
}

TEST_F(RateLimiterTest, WithoutALimitARefusalHalvesTheMeasuredRate) {
  RateLimiter limiter(0, clock_.clock());
  const absl::Time end = clock_.Now() + absl::Seconds(10);
  while (clock_.Now() < end) {  // 100 per second
    limiter.Acquire();
    clock_.Advance(absl::Milliseconds(10));
  }
  limiter.OnRefused(clock_.Now(), absl::Seconds(2));
  EXPECT_NEAR(limiter.per_second(), 50, 12);
  // The rate climbs until WhatsApp refuses again; if it never does, the limit
  // is forgotten.
  clock_.Advance(absl::Seconds(2) + RateLimiter::kRecoveryTime);
  EXPECT_NEAR(limiter.per_second(), 100, 25);
  for (int i = 0; i < 600; ++i) {
    clock_.Advance(absl::Seconds(1));
    limiter.Allowed();
  }
  EXPECT_EQ(limiter.per_second(), 0);
}

TEST_F(RateLimiterTest, ConvergesToWhatsAppsLimit) {
  // The server accepts 40 per second on average, with a burst of one second.
  constexpr double kAllowed = 40;
  RateLimiter limiter(0, clock_.clock());
  double bucket = kAllowed;
  int answered = 0;
  int refused = 0;
  constexpr absl::Duration kStep = absl::Milliseconds(10);
  constexpr absl::Duration kTime = absl::Minutes(10);
  for (absl::Duration t; t < kTime; t += kStep) {
    bucket =
        std::min(bucket + kAllowed * absl::ToDoubleSeconds(kStep), kAllowed);
    for (int window = 0; window < 8 && limiter.Allowed(); ++window) {
      limiter.Acquire();
      if (bucket >= 1) {
        bucket -= 1;
        ++answered;
        limiter.OnAnswered(clock_.Now());
      } else {
        ++refused;
        limiter.OnRefused(clock_.Now(), absl::Seconds(1));
      }
    }
    clock_.Advance(kStep);
  }
  EXPECT_GT(answered, 0.6 * kAllowed * absl::ToDoubleSeconds(kTime));
  EXPECT_LT(refused, 0.01 * answered);
}

TEST_F(RateLimiterTest, SurvivesAWallClockThatIsSetBack) {
  RateLimiter limiter(10, clock_.clock());
  SendFor(limiter, absl::Seconds(2));
  clock_.Advance(-absl::Hours(5));
  EXPECT_NEAR(SendFor(limiter, absl::Seconds(10)), 100, 12);
}

}  // namespace
}  // namespace portrait
