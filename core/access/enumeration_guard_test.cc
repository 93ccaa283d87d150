#include "core/access/enumeration_guard.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/access/testing/enumeration_guard_world.h"
#include "gmock/gmock.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using Sign = EnumerationGuard::Sign;

// Without an own block; enumeration_lists_test.cc tests lists and enumerations.
class EnumerationGuardTest : public EnumerationGuardWorld {
 protected:
  EnumerationGuardTest() {
    options_.own_block = 0;
    Restart();
  }
};

TEST_F(EnumerationGuardTest, AFewNeighboursAreNotAnEnumeration) {
  EXPECT_EQ(Admitted(Range(4915'1230'0000, 200)), 200u);
}

TEST_F(EnumerationGuardTest, RepeatedNumbersAreNotAnEnumeration) {
  const Numbers few = Range(4915'1230'0000, 90);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(Admitted(few), few.size());
}

TEST_F(EnumerationGuardTest, InventedNumbersAreDetectedByWhatsAppsAnswers) {
  const Numbers made_up = Customers({49}, 11, 2000);
  for (size_t i = 0; i < made_up.size(); ++i) {
    const auto one = absl::MakeConstSpan(made_up).subspan(i, 1);
    if (guard_->Admit("acme", one).admitted == 0) break;
    guard_->OnAnswer("acme", /*registered=*/i % 20 == 0);
  }
  EXPECT_THAT(pauses_, ElementsAre(Sign::kUnregistered));
  EXPECT_EQ(Admitted({4915123456789}), 0u);
  // If three of four numbers are landlines, a list is still ordinary.
  for (size_t i = 0; i < 10'000; ++i) guard_->OnAnswer("zeta", i % 4 == 0);
  EXPECT_EQ(Admitted({4915123456789}, "zeta"), 1u);
}

TEST_F(EnumerationGuardTest, APauseEndsAndIsLongerTheNextTime) {
  Numbers walk = Range(4915'1230'0000, 1000);
  for (const int hours : {1, 2, 4, 8, 16, 24, 24}) {
    EXPECT_LT(Admitted(walk), 300u);
    const auto refused = guard_->Admit("acme", {4915123456789});
    EXPECT_EQ(refused.admitted, 0u);
    EXPECT_EQ(refused.retry_after, absl::Hours(hours));
    clock_.Advance(refused.retry_after - absl::Seconds(1));
    EXPECT_EQ(Admitted({4915123456789}), 0u);
    clock_.Advance(absl::Seconds(1));
    EXPECT_EQ(Admitted({4915123456789}), 1u);
    for (uint64_t& number : walk) number += 1'000'000;
  }
  clock_.Advance(absl::Hours(25));
  Admitted(walk);
  EXPECT_EQ(guard_->Admit("acme", {4915123456789}).retry_after, absl::Hours(1));
}

TEST_F(EnumerationGuardTest, AnEnumerationDoesNotAffectOtherTenants) {
  EXPECT_LT(Admitted(Range(4915'1230'0000, 1000), "acme"), 300u);
  EXPECT_EQ(Admitted(Range(4915'1230'0000, 150), "zeta"), 150u);
}

TEST_F(EnumerationGuardTest, CountsAndPausesSurviveARestart) {
  options_.own_block = 300;
  Restart();
  EXPECT_EQ(Admitted(Range(4915'1230'0000, 200)), 200u);
  Restart();
  // Together with the earlier numbers, these exceed the own block.
  EXPECT_LT(Admitted(Range(4915'1230'0200, 250)), 250u);
  EXPECT_EQ(Admitted(Range(4915'1230'0200, 250), "other"), 250u);
  Restart();
  EXPECT_EQ(Admitted({4915123456789}), 0u);
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Admitted({4915123456789}), 1u);
  // The next pause is the second one.
  EXPECT_LT(Admitted(Range(4915'1240'0000, 1000)), 300u);
  EXPECT_EQ(guard_->Admit("acme", {4915123456789}).retry_after, absl::Hours(2));
}

TEST_F(EnumerationGuardTest, AKilledProcessLosesOnlyMinutesOfCounts) {
  EXPECT_EQ(Admitted(Range(4915'1230'0000, 200)), 200u);
  clock_.Advance(absl::Minutes(6));
  EXPECT_EQ(Admitted({4915123456789}), 1u);
  const auto stored = stores_.access->List("guard/");
  ASSERT_TRUE(stored.ok());
  ASSERT_EQ(stored->size(), 1u);
  EXPECT_EQ(stored->front().first, "guard/acme");
  // The stored data contains no phone number.
  EXPECT_EQ(stored->front().second.find("4915"), std::string::npos);
}

TEST_F(EnumerationGuardTest, AStoredWatchOfAnotherVersionIsIgnored) {
  for (const std::string& unknown :
       {std::string("guard-2\nsomething else"), std::string(),
        std::string("guard-1\nshort"), std::string(400'000, 'x')}) {
    guard_.reset();
    ASSERT_TRUE(stores_.access->Put("guard/acme", unknown).ok());
    Restart();
    EXPECT_EQ(Admitted(Range(4915'1230'0000, 100)), 100u);
  }
}

TEST_F(EnumerationGuardTest, AClockThatRanAheadDoesNotLengthenAPause) {
  clock_.Advance(absl::Hours(72));
  EXPECT_LT(Admitted(Range(4915'1230'0000, 1000)), 300u);
  Restart();
  clock_.Advance(-absl::Hours(72));
  EXPECT_LE(guard_->Admit("acme", {4915123456789}).retry_after, absl::Hours(1));
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Admitted({4915123456789}), 1u);
}

TEST_F(EnumerationGuardTest, NoTenantIsForgottenAmongManyOthers) {
  EXPECT_EQ(Admitted(Range(4915'1230'0000, 200)), 200u);
  for (size_t i = 0; i < kMaxGuardedTenants + 1; ++i) {
    clock_.Advance(absl::Milliseconds(1));
    EXPECT_EQ(Admitted({4915123456789}, absl::StrCat("t", i)), 1u);
  }
  EXPECT_LT(Admitted(Range(4915'1230'0200, 300)), 300u);
}

TEST_F(EnumerationGuardTest, OnlyTenantsThatAreNotPausedAreForgotten) {
  EXPECT_LT(Admitted(Range(4915'1230'0000, 1000), "acme"), 300u);
  for (size_t i = 0; i < 2 * kMaxGuardedTenants; ++i) {
    clock_.Advance(absl::Milliseconds(1));
    EXPECT_EQ(Admitted({4915123456789}, absl::StrCat("t", i)), 1u);
  }
  EXPECT_EQ(Admitted({4915123456789}, "acme"), 0u);
}

}  // namespace
}  // namespace portrait
