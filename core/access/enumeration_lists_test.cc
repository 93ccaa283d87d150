// Tests lists that the enumeration guard must admit in any order, and
// enumerations that it must not admit in any order or at any rate.
// deploy/README.md documents the limits.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/access/testing/enumeration_guard_world.h"
#include "gmock/gmock.h"

namespace portrait {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint64_t kWalked = 4915'1230'0000;

// ---- lists that pass -------------------------------------------------------

class CustomerListTest : public EnumerationGuardWorld {
 protected:
  // Expects that the list is admitted in its order and shuffled, if three of
  // five contacts are on WhatsApp.
  void ExpectPasses(const Numbers& list) {
    for (const auto& [order, numbers] :
         {std::pair("as it is", list), std::pair("shuffled", Shuffled(list))}) {
      SCOPED_TRACE(order);
      for (size_t i = 0; i < numbers.size(); ++i) {
        const auto one = absl::MakeConstSpan(numbers).subspan(i, 1);
        ASSERT_EQ(guard_->Admit(order, one).admitted, 1u) << i;
        guard_->OnAnswer(order, /*registered=*/i % 5 < 3);
      }
    }
    EXPECT_THAT(pauses_, IsEmpty());
  }
  static Numbers Joined(Numbers numbers, const Numbers& more) {
    numbers.insert(numbers.end(), more.begin(), more.end());
    std::sort(numbers.begin(), numbers.end());
    return numbers;
  }
};

TEST_F(CustomerListTest, ALargeCountry) {
  ExpectPasses(
      Customers({49151, 49152, 49157, 49159, 49160, 49162, 49163, 49170, 49171,
                 49172, 49173, 49174, 49175, 49176, 49177, 49178, 49179},
                7, 300'000));
}

// Every twelfth of the country's three million numbers.
TEST_F(CustomerListTest, ASmallCountry) {
  ExpectPasses(Customers({352621, 352661, 352691}, 6, 250'000));
}

TEST_F(CustomerListTest, OneCity) {
  ExpectPasses(Customers({1310, 1424}, 7, 100'000));
}

TEST_F(CustomerListTest, OneTownsLandlines) {
  ExpectPasses(Customers({498141}, 5, 5'000));
}

TEST_F(CustomerListTest, SeveralCountries) {
  ExpectPasses(Customers({4479, 336, 346, 393, 5511, 9198, 2783}, 8, 200'000));
}

TEST_F(CustomerListTest, OneOperatorsPrefix) {
  ExpectPasses(Customers({49176}, 8, 200'000));
}

// The pairs have no neighbours in the list, but the two numbers of a pair are
// consecutive.
TEST_F(CustomerListTest, PairsOfNumbersOfOneHousehold) {
  Numbers list;
  for (const uint64_t number : Customers({49171, 49172}, 7, 30'000)) {
    list.push_back(number);
    list.push_back(number + 1);
  }
  ExpectPasses(list);
}

TEST_F(CustomerListTest, ACompanysOwn5000EmployeesInOneOperatorsBlock) {
  ExpectPasses(Range(493'012'300'000, 5000));
}

TEST_F(CustomerListTest, ACompanysOwn5000EmployeesAnywhereInABlock) {
  ExpectPasses(Customers({49'301'234}, 4, 5000));
}

TEST_F(CustomerListTest, CompaniesWhoseNumbersFollowOneAnother) {
  // Twenty employees of each of a hundred companies in a city, and all hundred
  // of one company.
  Numbers people;
  for (uint64_t company = 0; company < 100; ++company) {
    people = Joined(people, Range(493'012'300'000 + company * 7700,
                                  company == 50 ? 100 : 20));
  }
  ExpectPasses(Joined(people, Customers({4915, 4916, 4917}, 8, 40'000)));
}

TEST_F(CustomerListTest, AListThatGrowsByAThousandADayForAYear) {
  for (int day = 0; day < 365; ++day) {
    const Numbers of_day = Customers({49151, 49160, 49170, 49176}, 7, 1000);
    ASSERT_EQ(Admitted(of_day), of_day.size()) << day;
    clock_.Advance(absl::Hours(24));
  }
  EXPECT_THAT(pauses_, IsEmpty());
}

// Failed lookups are not stored, so a retry asks WhatsApp again.
TEST_F(CustomerListTest, AListThatIsTriedAgainAndAgain) {
  const Numbers list = Customers({352621, 352661, 352691}, 6, 100'000);
  for (int i = 0; i < 8; ++i) ASSERT_EQ(Admitted(list), list.size()) << i;
}

// ---- enumerations that are refused -----------------------------------------

class WalkTest : public EnumerationGuardWorld {
 protected:
  // The most numbers of a range that are answered before the first pause: a
  // company's own block, and the numbers until the guard decides.
  static constexpr size_t kMostOfARange = 8000;

  // All numbers of each of the `hundreds`: the first number of each, then the
  // second, and so on.
  static Numbers Interleaved(const Numbers& hundreds) {
    Numbers numbers;
    for (uint64_t i = 0; i < 100; ++i) {
      for (const uint64_t hundred : hundreds) {
        numbers.push_back(hundred * 100 + (i * 37) % 100);
      }
    }
    return numbers;
  }
};

TEST_F(WalkTest, IsSeenWhateverItsStepAndOrder) {
  const Numbers range = Range(kWalked, 20'000);
  const std::vector<std::pair<std::string, Numbers>> walks = {
      {"upwards", range},
      {"downwards", Numbers(range.rbegin(), range.rend())},
      {"shuffled", Shuffled(range)},
      {"every second", Range(kWalked, 20'000, 2)},
      {"every third", Range(kWalked, 20'000, 3)},
      {"every seventh", Range(kWalked, 20'000, 7)},
      {"every ninth", Range(kWalked, 20'000, 9)},
      {"every seventh, shuffled", Shuffled(Range(kWalked, 20'000, 7))},
  };
  for (const auto& [name, numbers] : walks) {
    SCOPED_TRACE(name);
    pauses_.clear();
    EXPECT_LT(Admitted(numbers, name), numbers.size());
    EXPECT_THAT(pauses_, SizeIs(1));
  }
  EXPECT_LT(Admitted(range, "plain"), kMostOfARange);
}

TEST_F(WalkTest, IsSeenInManyBlocksInTurn) {
  // Blocks of a hundred: adjacent ones, and ones that are far apart. There are
  // more than a guard that remembers only a thousand of them would notice.
  Numbers near, far;
  for (uint64_t i = 0; i < 3000; ++i) {
    near.push_back(kWalked / 100 + i);
    far.push_back(kWalked / 100 + i * 977);
  }
  EXPECT_LT(Admitted(Interleaved(near), "near"), 300'000u / 5);
  EXPECT_LT(Admitted(Interleaved(far), "far"), 300'000u / 4);
  EXPECT_LT(Admitted(Shuffled(Interleaved(near)), "near, shuffled"),
            300'000u / 5);
  EXPECT_LT(Admitted(Shuffled(Interleaved(far)), "far, shuffled"),
            300'000u / 4);
  EXPECT_THAT(pauses_, SizeIs(4));
}

TEST_F(WalkTest, IsSeenBehindALongList) {
  const Numbers list = Customers({49151, 49160, 49170, 49176}, 7, 400'000);
  ASSERT_EQ(Admitted(list), list.size());
  EXPECT_LT(Admitted(Range(4917'7000'0000, 20'000)), kMostOfARange);
}

TEST_F(WalkTest, IsSeenAtAnyPace) {
  // Numbers per day, and the days until they are refused.
  for (const auto& [of_day, most_days] :
       {std::pair(500, 14), std::pair(200, 35), std::pair(100, 120)}) {
    SCOPED_TRACE(of_day);
    const std::string tenant = absl::StrCat("slow ", of_day);
    uint64_t next = kWalked;
    int day = 0;
    for (; day < most_days; ++day) {
      const auto today = static_cast<size_t>(of_day);
      if (Admitted(Range(next, today), tenant) < today) break;
      next += today;
      clock_.Advance(absl::Hours(24));
      if (day % 10 == 0) Restart();  // the counts also survive restarts
    }
    EXPECT_LT(day, most_days);
  }
}

TEST_F(WalkTest, IsSeenThoughEachDayItAsksOneNumberOfEachBlock) {
  Numbers hundreds;
  for (uint64_t i = 0; i < 3000; ++i) {
    hundreds.push_back(kWalked / 100 + i * 977);
  }
  const Numbers walk = Interleaved(hundreds);
  size_t admitted = 0;
  for (size_t day = 0; day < 100 && pauses_.empty(); ++day) {
    admitted += Admitted(
        Numbers(walk.begin() + day * 3000, walk.begin() + (day + 1) * 3000));
    clock_.Advance(absl::Hours(24));
  }
  EXPECT_THAT(pauses_, SizeIs(1));
  EXPECT_LT(admitted, 300'000u / 4);
}

// A company's employees are on WhatsApp, while half of a range is unused.
TEST_F(WalkTest, IsSeenSoonWhereHalfOfTheRangeIsNotOnWhatsApp) {
  const Numbers range = Range(kWalked, 5000);
  size_t admitted = 0;
  for (size_t i = 0; i < range.size(); ++i) {
    const auto one = absl::MakeConstSpan(range).subspan(i, 1);
    if (guard_->Admit("acme", one).admitted == 0) break;
    ++admitted;
    guard_->OnAnswer("acme", /*registered=*/i % 2 == 0);
  }
  EXPECT_LT(admitted, 700u);
  EXPECT_THAT(pauses_, SizeIs(1));
}

TEST_F(WalkTest, GoesOnSlowlyAfterAPause) {
  const Numbers range = Range(kWalked, 50'000);
  size_t admitted = Admitted(range);
  EXPECT_LT(admitted, kMostOfARange);
  // The own block is used up, so each pause admits only a few hundred numbers.
  for (int pause = 0; pause < 5; ++pause) {
    clock_.Advance(absl::Hours(24));
    const size_t more = Admitted(
        Numbers(range.begin() + static_cast<ptrdiff_t>(admitted), range.end()));
    EXPECT_LT(more, 300u);
    admitted += more;
  }
}

}  // namespace
}  // namespace portrait
