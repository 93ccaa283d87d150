#include "core/access/tenant_account.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/access/tenants.h"
#include "core/base/proto_time.h"
#include "core/store/picture_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using Pace = TenantAccount::Pace;

class TenantAccountTest : public testing::Test {
 protected:
  TenantAccountTest()
      : access_(*AccessControl::Open(
            *stores_.access, folder_.path() + "/admin.token", clock_.clock())),
        ledger_(*UsageLedger::Open(*stores_.access, folder_.path() + "/usage")),
        tenants_(
            std::make_unique<Tenants>(*access_, *ledger_, clock_.clock())) {}

  // Adds a token for "acme" with these limits and returns its id.
  std::string AddToken(uint64_t quota, double rate,
                       absl::Duration life = absl::InfiniteDuration()) {
    v1::Token wanted;
    wanted.set_tenant("acme");
    wanted.set_role(v1::ROLE_LOOKUP);
    wanted.set_monthly_quota(quota);
    wanted.set_lookups_per_second(rate);
    if (life != absl::InfiniteDuration()) {
      *wanted.mutable_expire_time() = ToProto(clock_.Now() + life);
    }
    auto made = access_->CreateToken(std::move(wanted));
    EXPECT_TRUE(made.ok()) << made.status();
    return made->token.token_id();
  }

  std::shared_ptr<TenantAccount> Account() {
    return tenants_->AccountOf("acme");
  }

  size_t Granted(size_t wanted, Pace pace = Pace::kUrgent) {
    auto admission = Account()->Admit(wanted, pace);
    EXPECT_TRUE(admission.ok()) << admission.status();
    EXPECT_EQ(admission->granted + admission->waiting + admission->over_quota,
              wanted);
    return admission->granted;
  }

  v1::GetUsageResponse Usage(const std::string& month = "") {
    auto usage = tenants_->GetUsage("acme", month);
    EXPECT_TRUE(usage.ok()) << usage.status();
    return *std::move(usage);
  }

  const TemporaryFolder folder_;
  Stores stores_ = NewMemoryStores();
  ManualClock clock_{absl::FromUnixSeconds(1'795'000'000)};  // 2026-11-18
  std::unique_ptr<AccessControl> access_;
  std::unique_ptr<UsageLedger> ledger_;
  std::unique_ptr<Tenants> tenants_;
};

TEST_F(TenantAccountTest, WithoutLimitsEverythingIsGrantedAndCounted) {
  AddToken(0, 0);
  EXPECT_EQ(Granted(1'000'000, Pace::kBulk), 1'000'000u);
  Account()->Settle(1'000'000, {600'000, 300'000, 100'000});
  const v1::GetUsageResponse usage = Usage();
  EXPECT_EQ(usage.tenant(), "acme");
  EXPECT_EQ(usage.month(), "2026-11");
  EXPECT_EQ(usage.lookups(), 900'000u);
  EXPECT_EQ(usage.from_store(), 600'000u);
  EXPECT_EQ(usage.from_whatsapp(), 300'000u);
  EXPECT_EQ(usage.failed(), 100'000u);
  EXPECT_EQ(usage.monthly_quota(), 0u);
}

TEST_F(TenantAccountTest, ConcurrentLookupsNeverExceedTheQuota) {
  constexpr uint64_t kQuota = 1000;
  AddToken(kQuota, 0);
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([this] {
      for (int round = 0; round < 500; ++round) {
        const size_t granted = Granted(3, Pace::kBulk);
        Account()->Settle(granted, {granted, 0, 3 - granted});
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(Usage().lookups(), kQuota);
  EXPECT_EQ(Usage().failed(), 8 * 500 * 3 - kQuota);
}

TEST_F(TenantAccountTest, AClockThatRanAheadFreezesNeitherQuotaNorRate) {
  AddToken(100, 10);
  EXPECT_EQ(Granted(4), 4u);
  Account()->Settle(4, {4, 0, 0});
  // The clock runs a month ahead, and that month's quota is used up.
  clock_.Advance(absl::Hours(31 * 24));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Granted(10), 10u);
    Account()->Settle(10, {10, 0, 0});
    clock_.Advance(absl::Seconds(1));
  }
  EXPECT_EQ(Granted(1), 0u);
  clock_.Advance(-absl::Hours(31 * 24));
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Usage().month(), "2026-11");
  EXPECT_EQ(Usage().lookups(), 4u);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Granted(10), 10u);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Granted(10), 10u);
}

TEST_F(TenantAccountTest, FailedAndAbandonedLookupsDoNotCountAgainstTheQuota) {
  AddToken(10, 0);
  EXPECT_EQ(Granted(10), 10u);
  EXPECT_EQ(Granted(1), 0u);
  Account()->Settle(4, {0, 0, 4});
  Account()->GiveBack(3);
  EXPECT_EQ(Granted(10), 7u);
  Account()->Settle(10, {0, 10, 0});
  EXPECT_EQ(Granted(1), 0u);
  EXPECT_EQ(Usage().lookups(), 10u);
  EXPECT_EQ(Usage().failed(), 4u);
}

TEST_F(TenantAccountTest, TheQuotaIsRenewedEachMonth) {
  AddToken(5, 0);
  EXPECT_EQ(Granted(6), 5u);
  Account()->Settle(5, {5, 0, 0});
  const v1::LookupError error = Account()->QuotaError();
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_QUOTA_EXCEEDED);
  EXPECT_THAT(error.message(), HasSubstr("5 lookups for 2026-11"));
  EXPECT_EQ(clock_.Now() + FromProto(error.retry_after()),
            ParseMonth("2026-12")->begin);

  clock_.Advance(FromProto(error.retry_after()));
  EXPECT_EQ(Granted(6), 5u);
  Account()->Settle(5, {0, 5, 0});
  EXPECT_EQ(Usage().month(), "2026-12");
  EXPECT_EQ(Usage().from_whatsapp(), 5u);
  EXPECT_EQ(Usage("2026-11").from_store(), 5u);
}

TEST_F(TenantAccountTest, UsageAndQuotaContinueAfterARestart) {
  AddToken(10, 0);
  Account()->Settle(Granted(7), {7, 0, 0});
  tenants_.reset();
  ledger_.reset();
  ledger_ = *UsageLedger::Open(*stores_.access, folder_.path() + "/usage");
  tenants_ = std::make_unique<Tenants>(*access_, *ledger_, clock_.clock());
  EXPECT_EQ(Granted(10), 3u);
  Account()->Settle(3, {3, 0, 0});
  EXPECT_EQ(Usage().lookups(), 10u);
}

TEST_F(TenantAccountTest, TheRateIsExactAndTheErrorSaysWhenToRetry) {
  AddToken(0, 4);
  EXPECT_EQ(Granted(10), 4u);  // the rate of one second
  EXPECT_EQ(Granted(1), 0u);
  const v1::LookupError error = Account()->RateError();
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_EQ(FromProto(error.retry_after()), absl::Milliseconds(250));
  clock_.Advance(absl::Milliseconds(249));
  EXPECT_EQ(Granted(1), 0u);
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(Granted(2), 1u);
  // An hour without lookups saves no more than a second's tokens.
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Granted(100), 4u);
}

TEST_F(TenantAccountTest, ARateBelowOneASecondGrantsOneAtATime) {
  AddToken(0, 0.01);
  EXPECT_EQ(Granted(10, Pace::kBulk), 1u);
  EXPECT_EQ(FromProto(Account()->RateError().retry_after()),
            absl::Seconds(100));
  clock_.Advance(absl::Seconds(100));
  EXPECT_EQ(Granted(10, Pace::kBulk), 1u);
}

TEST_F(TenantAccountTest, BulkLeavesSomeOfTheRateToUrgentLookups) {
  AddToken(0, 100);
  EXPECT_EQ(Granted(1000, Pace::kBulk), 90u);
  EXPECT_EQ(Granted(1000, Pace::kBulk), 0u);
  EXPECT_EQ(Granted(1000, Pace::kUrgent), 10u);
}

TEST_F(TenantAccountTest, LookupsThatWaitForTheRateUseNoQuota) {
  AddToken(100, 10);
  auto admission = Account()->Admit(200, Pace::kUrgent);
  ASSERT_TRUE(admission.ok());
  EXPECT_EQ(admission->granted, 10u);
  EXPECT_EQ(admission->waiting, 90u);
  EXPECT_EQ(admission->over_quota, 100u);
  Account()->GiveBack(10);
  clock_.Advance(absl::Seconds(1));
  admission = Account()->Admit(100, Pace::kUrgent);
  EXPECT_EQ(admission->over_quota, 0u);
}

TEST_F(TenantAccountTest, TheSmallestLimitOfATenantsTokensApplies) {
  AddToken(0, 0);
  EXPECT_EQ(access_->LimitsOf("acme").monthly_quota, 0u);
  const std::string small = AddToken(10, 5);
  AddToken(1000, 2);
  AddToken(0, 0);
  EXPECT_EQ(access_->LimitsOf("acme").monthly_quota, 10u);
  EXPECT_EQ(access_->LimitsOf("acme").lookups_per_second, 2);
  EXPECT_EQ(access_->LimitsOf("zeta").monthly_quota, 0u);
  ASSERT_TRUE(access_->RevokeToken(small).ok());
  EXPECT_EQ(access_->LimitsOf("acme").monthly_quota, 1000u);
  AddToken(1, 0, absl::Hours(1));
  EXPECT_EQ(access_->LimitsOf("acme").monthly_quota, 1u);
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(access_->LimitsOf("acme").monthly_quota, 1000u);
}

TEST_F(TenantAccountTest, AChangedLimitAppliesAtOnce) {
  const std::string token = AddToken(0, 0);
  EXPECT_EQ(Granted(1000), 1000u);
  AddToken(0, 3);
  EXPECT_EQ(Granted(1000), 3u);
  AddToken(0, 2);
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(Granted(1000), 2u);
}

TEST_F(TenantAccountTest,
       UsageOfAnUnknownTenantIsNotFoundAndOfAnUnusedMonthIsZero) {
  EXPECT_EQ(tenants_->GetUsage("unknown", "").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(tenants_->GetUsage("acme", "11/2026").status().code(),
            absl::StatusCode::kInvalidArgument);
  AddToken(7, 0);
  EXPECT_EQ(Usage("2020-01").lookups(), 0u);
  EXPECT_EQ(Usage().monthly_quota(), 7u);
}

}  // namespace
}  // namespace portrait
