#include "core/session/reconnect_backoff.h"

#include <gtest/gtest.h>

namespace portrait {
namespace {

using Kind = whatsapp::StreamEnd::Kind;

constexpr absl::Duration kNever = absl::ZeroDuration();
constexpr absl::Duration kStable = absl::Minutes(1);

void ExpectAbout(absl::Duration wait, double seconds) {
  EXPECT_NEAR(absl::ToDoubleSeconds(wait), seconds, seconds * 0.1 + 1e-9);
}

TEST(ReconnectBackoffTest, WaitsFibonacciSecondsAfterTheFirstTry) {
  ReconnectBackoff backoff;
  for (const double seconds : {0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55}) {
    ExpectAbout(backoff.Next(Kind::kDropped, kNever), seconds);
  }
}

TEST(ReconnectBackoffTest, WaitsAtMostAQuarterOfAnHour) {
  ReconnectBackoff backoff;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_LE(backoff.Next(Kind::kDropped, kNever), absl::Minutes(15));
  }
  EXPECT_GE(backoff.Next(Kind::kDropped, kNever), absl::Minutes(13));
}

TEST(ReconnectBackoffTest, StartsAgainAfterAStableConnection) {
  ReconnectBackoff backoff;
  for (int i = 0; i < 8; ++i) backoff.Next(Kind::kDropped, absl::Seconds(29));
  EXPECT_GT(backoff.Next(Kind::kDropped, absl::Seconds(29)), absl::Seconds(10));
  EXPECT_EQ(backoff.Next(Kind::kDropped, absl::Seconds(31)), kNever);
}

TEST(ReconnectBackoffTest, ARequestToSlowDownCountsAsFiveTries) {
  ReconnectBackoff backoff;
  ExpectAbout(backoff.Next(Kind::kThrottled, kStable), 5);
  ExpectAbout(backoff.Next(Kind::kThrottled, kNever), 89);
}

TEST(ReconnectBackoffTest, RestartsAtOnceOnlyALimitedNumberOfTimes) {
  ReconnectBackoff backoff;
  for (int i = 0; i < 5; ++i) backoff.Next(Kind::kDropped, kNever);
  EXPECT_EQ(backoff.Next(Kind::kRestart, kNever), kNever);
  EXPECT_EQ(backoff.Next(Kind::kRestart, kNever), kNever);
  EXPECT_EQ(backoff.Next(Kind::kRestart, kNever), kNever);
  ExpectAbout(backoff.Next(Kind::kRestart, kNever), 5);
}

}  // namespace
}  // namespace portrait
