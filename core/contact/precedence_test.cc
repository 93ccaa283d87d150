#include "core/contact/precedence.h"

#include "gtest/gtest.h"

namespace portrait {
namespace {

constexpr AddressState kStates[] = {
    AddressState::kUnknown, AddressState::kNotRegistered,
    AddressState::kUndecided, AddressState::kRegistered,
    AddressState::kDecisive};

TEST(PrecedenceTest, TheStateDecidesBeforeTheTimeOfTheCheck) {
  const absl::Time now = absl::FromUnixSeconds(100);
  for (const AddressState a : kStates) {
    for (const AddressState b : kStates) {
      if (a == b) continue;
      EXPECT_EQ(CountsBefore({a, absl::UnixEpoch()}, {b, now}), a > b);
    }
  }
}

TEST(PrecedenceTest, EqualStatesAreDecidedByTheLaterCheckAndThenByOrder) {
  const absl::Time now = absl::FromUnixSeconds(100);
  for (const AddressState state : kStates) {
    EXPECT_TRUE(CountsBefore({state, now}, {state, now}));
    EXPECT_TRUE(CountsBefore({state, now}, {state, now - absl::Seconds(1)}));
    EXPECT_FALSE(CountsBefore({state, now - absl::Seconds(1)}, {state, now}));
  }
}

TEST(PrecedenceTest, ACheckInTheFutureIsOlderThanAnyOther) {
  const absl::Time now = absl::FromUnixSeconds(100);
  EXPECT_EQ(CheckedAt(now, now), now);
  EXPECT_EQ(CheckedAt(now + absl::Seconds(1), now), absl::InfinitePast());
}

}  // namespace
}  // namespace portrait
