#include "server/tenant_guard.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/store/picture_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

class TenantGuardTest : public ::testing::Test {
 protected:
  TenantGuardTest() {
    options_.clock = clock_.clock();
    access_ =
        *AccessControl::Open(*stores_.access, folder_.path() + "/admin.token");
    v1::Token token;
    token.set_tenant("acme");
    token.set_role(v1::ROLE_LOOKUP);
    EXPECT_TRUE(access_->CreateToken(token).ok());
    Restart();
  }

  void Restart() {
    guard_.reset();
    guard_ = std::make_unique<TenantGuard>(*access_, metrics_, options_,
                                           stores_.access.get());
  }

  // Asks for `count` numbers of a range; returns how many are admitted.
  size_t Walk(size_t count) {
    std::vector<uint64_t> numbers;
    for (size_t i = 0; i < count; ++i) numbers.push_back(4915'1230'0000 + i);
    LookupFailure why;
    return guard_->Admit("acme", numbers, &why);
  }

  TemporaryFolder folder_;
  ManualClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  Stores stores_ = NewMemoryStores();
  Metrics metrics_;
  EnumerationGuardOptions options_;
  std::unique_ptr<AccessControl> access_;
  std::unique_ptr<TenantGuard> guard_;
};

TEST_F(TenantGuardTest, AFindingNamesTheSignTheTimesAndTheRefusedNumbers) {
  EXPECT_THAT(guard_->Findings(), IsEmpty());
  const absl::Time start = clock_.Now();
  const size_t admitted = Walk(10'000);
  ASSERT_LT(admitted, 10'000u);
  EXPECT_THAT(guard_->Findings(),
              ElementsAre(AllOf(
                  Field(&GuardFinding::tenant, "acme"),
                  Field(&GuardFinding::sign, "crowded"),
                  Field(&GuardFinding::found_at, start),
                  Field(&GuardFinding::paused_until, start + options_.pause),
                  Field(&GuardFinding::refused, 10'000 - admitted))));

  // Later refusals count, and do not change when it was found.
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(Walk(5), 0u);
  EXPECT_THAT(
      guard_->Findings(),
      ElementsAre(AllOf(Field(&GuardFinding::sign, "crowded"),
                        Field(&GuardFinding::found_at, start),
                        Field(&GuardFinding::refused, 10'000 - admitted + 5))));
}

TEST_F(TenantGuardTest, APauseOfBeforeARestartIsFoundWhenItRefuses) {
  const absl::Time until = clock_.Now() + options_.pause;
  ASSERT_LT(Walk(10'000), 10'000u);
  Restart();
  EXPECT_THAT(guard_->Findings(), IsEmpty());
  EXPECT_EQ(Walk(3), 0u);
  EXPECT_THAT(guard_->Findings(),
              ElementsAre(AllOf(Field(&GuardFinding::sign, ""),
                                Field(&GuardFinding::paused_until, until),
                                Field(&GuardFinding::refused, 3))));
}

}  // namespace
}  // namespace portrait
