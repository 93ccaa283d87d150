#include "core/access/usage_ledger.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/store/picture_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

class UsageLedgerTest : public testing::Test {
 protected:
  std::string file() const { return folder_.path() + "/usage"; }

  std::unique_ptr<UsageLedger> Open() {
    auto ledger = UsageLedger::Open(*stores_.access, file());
    EXPECT_TRUE(ledger.ok()) << ledger.status();
    return *std::move(ledger);
  }

  static std::shared_ptr<UsageCounter> Counter(UsageLedger& ledger,
                                               const std::string& tenant,
                                               const Month& month) {
    auto counter = ledger.CounterOf(tenant, month);
    EXPECT_TRUE(counter.ok()) << counter.status();
    return *std::move(counter);
  }

  const TemporaryFolder folder_;
  Stores stores_ = NewMemoryStores();
  const Month november_ = *ParseMonth("2026-11");
  const Month december_ = *ParseMonth("2026-12");
};

TEST_F(UsageLedgerTest, CountsByTenantAndMonthAcrossRestarts) {
  for (uint64_t start = 1; start <= 3; ++start) {
    const auto ledger = Open();
    Counter(*ledger, "acme", november_)->Add({1, 2, 3});
    Counter(*ledger, "acme", december_)->Add({10, 0, 0});
    Counter(*ledger, "zeta", november_)->Add({0, 0, 1});
    EXPECT_EQ(*ledger->Get("acme", november_),
              (UsageCounts{start, 2 * start, 3 * start}));
    EXPECT_EQ(*ledger->Get("acme", december_), (UsageCounts{10 * start, 0, 0}));
    EXPECT_EQ(*ledger->Get("zeta", november_), (UsageCounts{0, 0, start}));
    EXPECT_EQ(ledger->Get("zeta", december_).status().code(),
              absl::StatusCode::kNotFound);
  }
}

TEST_F(UsageLedgerTest, AKilledProcessHasCountedAllThatItAdded) {
  constexpr int kAdded = 1000;
  const pid_t pid = fork();
  if (pid == 0) {
    // The child process has its own store in memory, so only the file survives
    // it.
    auto ledger = UsageLedger::Open(*stores_.access, file());
    if (!ledger.ok()) _exit(1);
    auto counter = (*ledger)->CounterOf("acme", november_);
    for (int i = 0; i < kAdded; ++i) (*counter)->Add({1, 0, 2});
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(*Open()->Get("acme", november_),
            (UsageCounts{kAdded, 0, 2 * kAdded}));
  // Once the counts are in the store, the file is not needed.
  std::filesystem::remove(file());
  EXPECT_EQ(*Open()->Get("acme", november_),
            (UsageCounts{kAdded, 0, 2 * kAdded}));
}

TEST_F(UsageLedgerTest, TheLargerCountOfFileAndStoreIsUsed) {
  Counter(*Open(), "acme", november_)->Add({5, 5, 5});
  const std::string older = folder_.path() + "/older";
  {
    const auto ledger = Open();
    Counter(*ledger, "acme", november_)->Add({1, 1, 1});
    std::filesystem::copy_file(file(), older);
    Counter(*ledger, "acme", november_)->Add({1, 1, 1});
  }
  std::filesystem::rename(older, file());
  EXPECT_EQ(*Open()->Get("acme", november_), (UsageCounts{7, 7, 7}));
}

TEST_F(UsageLedgerTest, AFileWithOtherContentIsReplaced) {
  for (const std::string& content :
       {std::string("x"), std::string(10'000, '\xFF'), std::string()}) {
    std::ofstream(file()) << content;
    const auto ledger = Open();
    EXPECT_EQ(ledger->Get("acme", november_).status().code(),
              absl::StatusCode::kNotFound);
    Counter(*ledger, "zeta", november_)->Add({1, 0, 0});
  }
  EXPECT_EQ(*Open()->Get("zeta", november_), (UsageCounts{3, 0, 0}));
}

TEST_F(UsageLedgerTest, AFileThatCannotBeCreatedIsNamed) {
  const std::string missing = folder_.path() + "/no/such/folder/usage";
  const auto ledger = UsageLedger::Open(*stores_.access, missing);
  EXPECT_EQ(ledger.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(ledger.status().message()), HasSubstr(missing));
}

TEST_F(UsageLedgerTest, CountsWithoutAFreeSlotInTheFile) {
  const size_t tenants = UsageFile::kSlots + 10;
  {
    const auto ledger = Open();
    std::vector<std::shared_ptr<UsageCounter>> held;
    for (size_t i = 0; i < tenants; ++i) {
      held.push_back(Counter(*ledger, absl::StrCat("t", i), november_));
      held.back()->Add({1, 0, 0});
    }
    // Counters that no caller holds free their slots once they are stored.
    held.clear();
    ASSERT_TRUE(ledger->Flush().ok());
    for (size_t i = 0; i < tenants; ++i) {
      Counter(*ledger, absl::StrCat("t", i), december_)->Add({1, 0, 0});
      if (i % 1000 == 0) {
        ASSERT_TRUE(ledger->Flush().ok());
      }
    }
  }
  const auto ledger = Open();
  for (size_t i = 0; i < tenants; ++i) {
    const std::string tenant = absl::StrCat("t", i);
    ASSERT_EQ(*ledger->Get(tenant, november_), (UsageCounts{1, 0, 0}));
    ASSERT_EQ(*ledger->Get(tenant, december_), (UsageCounts{1, 0, 0}));
  }
}

TEST(MonthTest, IsACalendarMonthInUtc) {
  const Month month = MonthOf(absl::FromUnixSeconds(1'795'000'000));
  EXPECT_EQ(month.name, "2026-11");
  EXPECT_EQ(absl::FormatTime(month.begin, absl::UTCTimeZone()),
            "2026-11-01T00:00:00+00:00");
  EXPECT_EQ(absl::FormatTime(month.end, absl::UTCTimeZone()),
            "2026-12-01T00:00:00+00:00");
  EXPECT_EQ(MonthOf(month.end - absl::Nanoseconds(1)).name, "2026-11");
  EXPECT_EQ(MonthOf(month.end).name, "2026-12");
  for (const char* wrong : {"", "2026", "2026-13", "2026-1", "26-11", "2026/11",
                            "2026-11-01", "november"}) {
    EXPECT_FALSE(ParseMonth(wrong).ok()) << wrong;
  }
}

}  // namespace
}  // namespace portrait
