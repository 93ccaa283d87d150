#include "core/access/enumeration_guard.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using Numbers = std::vector<uint64_t>;
using Sign = EnumerationGuard::Sign;

constexpr size_t kBatch = 100;

class EnumerationGuardTest : public testing::Test {
 protected:
  EnumerationGuardTest() {
    EnumerationGuardOptions options;
    options.clock = clock_.clock();
    guard_ = std::make_unique<EnumerationGuard>(
        options, [this](Sign sign) { pauses_.push_back(sign); });
  }

  // The number of `numbers` that are admitted before the first refusal.
  size_t Admitted(const Numbers& numbers, const std::string& tenant = "acme") {
    size_t admitted = 0;
    for (size_t i = 0; i < numbers.size(); i += kBatch) {
      const auto batch = absl::MakeConstSpan(numbers).subspan(i, kBatch);
      const size_t of_batch = guard_->Admit(tenant, batch).admitted;
      admitted += of_batch;
      if (of_batch < batch.size()) break;
    }
    return admitted;
  }

  ManualClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  std::vector<Sign> pauses_;
  std::unique_ptr<EnumerationGuard> guard_;
  std::mt19937_64 random_{7};
};

Numbers Range(uint64_t first, size_t count, uint64_t step = 1) {
  Numbers numbers;
  for (size_t i = 0; i < count; ++i) numbers.push_back(first + i * step);
  return numbers;
}

// `count` different customers of a country: numbers with `digits` digits after
// one of its mobile prefixes.
Numbers Customers(const std::vector<uint64_t>& prefixes, int digits,
                  size_t count, std::mt19937_64& random) {
  uint64_t space = 1;
  for (int i = 0; i < digits; ++i) space *= 10;
  std::set<uint64_t> numbers;
  while (numbers.size() < count) {
    numbers.insert(prefixes[random() % prefixes.size()] * space +
                   random() % space);
  }
  return {numbers.begin(), numbers.end()};  // sorted
}

TEST_F(EnumerationGuardTest, AWalkIsSeenWhateverItsStepAndOrder) {
  const Numbers range = Range(4915'1230'0000, 10'000);
  Numbers backwards(range.rbegin(), range.rend());
  Numbers shuffled = range;
  std::shuffle(shuffled.begin(), shuffled.end(), random_);
  Numbers in_turn;  // ten enumerated ranges, interleaved
  for (uint64_t i = 0; i < 1000; ++i) {
    for (uint64_t walk = 0; walk < 10; ++walk) {
      in_turn.push_back(4915'1230'0000 + walk * 10'000'000 + i);
    }
  }
  const std::vector<std::pair<std::string, Numbers>> walks = {
      {"upwards", range},
      {"downwards", backwards},
      {"shuffled", shuffled},
      {"in turn", in_turn},
      {"every second", Range(4915'1230'0000, 10'000, 2)},
      {"every third", Range(4915'1230'0000, 10'000, 3)},
      {"every seventh", Range(4915'1230'0000, 20'000, 7)},
  };
  for (const auto& [name, numbers] : walks) {
    SCOPED_TRACE(name);
    pauses_.clear();
    EXPECT_LT(Admitted(numbers, name), 3000u);
    EXPECT_THAT(pauses_, ElementsAre(Sign::kCrowded));
  }
  EXPECT_LT(Admitted(range, "plain"), 300u);
}

TEST_F(EnumerationGuardTest, CustomerListsPassSortedOrNot) {
  const std::vector<std::pair<std::string, Numbers>> lists = {
      {"a large country",
       Customers({49151, 49152, 49157, 49159, 49160, 49162, 49163, 49170, 49171,
                  49172, 49173, 49174, 49175, 49176, 49177, 49178, 49179},
                 7, 300'000, random_)},
      // A quarter of a million of the country's three million numbers.
      {"a small country",
       Customers({352621, 352661, 352691}, 6, 250'000, random_)},
      {"one city", Customers({1310, 1424}, 7, 100'000, random_)},
  };
  for (const auto& [name, sorted] : lists) {
    SCOPED_TRACE(name);
    EXPECT_EQ(Admitted(sorted, absl::StrCat(name, " sorted")), sorted.size());
    Numbers shuffled = sorted;
    std::shuffle(shuffled.begin(), shuffled.end(), random_);
    EXPECT_EQ(Admitted(shuffled, absl::StrCat(name, " shuffled")),
              sorted.size());
  }
  EXPECT_TRUE(pauses_.empty());
}

TEST_F(EnumerationGuardTest, CompaniesWhoseNumbersFollowOneAnotherPass) {
  // Twenty employees of each of a hundred companies in a city, and all hundred
  // of one company.
  Numbers list = Customers({4915, 4916, 4917}, 8, 40'000, random_);
  for (uint64_t company = 0; company < 100; ++company) {
    const size_t people = company == 50 ? 100 : 20;
    for (const uint64_t number :
         Range(493'012'300'000 + company * 7700, people)) {
      list.push_back(number);
    }
  }
  std::sort(list.begin(), list.end());
  EXPECT_EQ(Admitted(list), list.size());
}

TEST_F(EnumerationGuardTest, AFewNeighboursAreNoWalk) {
  EXPECT_EQ(Admitted(Range(4915'1230'0000, 200)), 200u);
}

TEST_F(EnumerationGuardTest, TheSameNumbersAgainAndAgainAreNoWalk) {
  const Numbers few = Range(4915'1230'0000, 90);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(Admitted(few), few.size());
}

TEST_F(EnumerationGuardTest, MadeUpNumbersAreSeenByWhatWhatsAppAnswers) {
  const Numbers made_up = Customers({49}, 11, 2000, random_);
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

TEST_F(EnumerationGuardTest, OneTenantsWalkIsNoOtherTenants) {
  EXPECT_LT(Admitted(Range(4915'1230'0000, 1000), "acme"), 300u);
  EXPECT_EQ(Admitted(Range(4915'1230'0000, 150), "zeta"), 150u);
}

TEST_F(EnumerationGuardTest, ADayLaterTheNumbersBeforeDoNotCount) {
  Numbers neighbours = Range(4915'1230'0000, 20);
  for (int day = 0; day < 50; ++day) {
    // A few new employees of each of twenty companies within a year.
    Numbers of_day;
    for (uint64_t company = 0; company < 20; ++company) {
      for (uint64_t i = 0; i < 2; ++i) {
        of_day.push_back(4915'1230'0000 + company * 100 +
                         static_cast<uint64_t>(day) * 2 + i);
      }
    }
    ASSERT_EQ(Admitted(of_day), of_day.size()) << day;
    clock_.Advance(absl::Hours(24));
  }
}

TEST_F(EnumerationGuardTest, TenantsItForgetsAreThoseThatAreNotPaused) {
  EXPECT_LT(Admitted(Range(4915'1230'0000, 1000), "acme"), 300u);
  for (size_t i = 0; i < 2 * kMaxGuardedTenants; ++i) {
    clock_.Advance(absl::Milliseconds(1));
    EXPECT_EQ(Admitted({4915123456789}, absl::StrCat("t", i)), 1u);
  }
  EXPECT_EQ(Admitted({4915123456789}, "acme"), 0u);
}

}  // namespace
}  // namespace portrait
