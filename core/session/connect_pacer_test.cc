#include "core/session/connect_pacer.h"

#include "gtest/gtest.h"

namespace portrait {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

TEST(ConnectPacerTest, ASingleSessionConnectsAtOnce) {
  ConnectPacer pacer(10);
  EXPECT_EQ(pacer.TakeTurn(kNow), kNow);
  const absl::Time later = kNow + absl::Minutes(1);
  EXPECT_EQ(pacer.TakeTurn(later), later);
}

TEST(ConnectPacerTest, SimultaneousSessionsConnectOneAfterTheOther) {
  ConnectPacer pacer(10);
  for (int i = 0; i < 2000; ++i) {
    EXPECT_EQ(pacer.TakeTurn(kNow), kNow + i * absl::Milliseconds(100));
  }
  // A later session does not overtake a waiting session.
  EXPECT_EQ(pacer.TakeTurn(kNow + absl::Seconds(100)),
            kNow + absl::Seconds(200));
}

TEST(ConnectPacerTest, WithoutALimitAllConnectAtOnce) {
  ConnectPacer pacer(0);
  EXPECT_EQ(pacer.TakeTurn(kNow), kNow);
  EXPECT_EQ(pacer.TakeTurn(kNow), kNow);
}

}  // namespace
}  // namespace portrait
