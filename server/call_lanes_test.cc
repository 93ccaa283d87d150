#include "server/call_lanes.h"

#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;

Principal CallerOf(const std::string& tenant, bool is_admin = false) {
  Principal caller = {tenant + "-01", tenant};
  caller.rights.Add(is_admin ? v1::RIGHT_ADMIN : v1::RIGHT_FORGET);
  return caller;
}

// One thread, which is blocked until Run.
class CallLanesTest : public testing::Test {
 protected:
  CallLanesTest() {
    lanes_.PostRead("busy", [this] { begin_.WaitForNotification(); });
  }
  ~CallLanesTest() override {
    if (!begin_.HasBeenNotified()) Run();
  }

  absl::Status Post(const std::string& tenant) {
    return lanes_.Post(CallerOf(tenant),
                       [this, tenant] { ran_.push_back(tenant); });
  }

  // Runs the posted work and returns its order.
  std::vector<std::string> Run() {
    begin_.Notify();
    lanes_.Join();
    return ran_;
  }

  absl::Notification begin_;
  std::vector<std::string> ran_;
  CallLanes lanes_{/*threads=*/1, {/*of_tenant=*/10, /*in_all=*/15}};
};

TEST_F(CallLanesTest, ATenantsCallWaitsForOneCallOfAnotherTenantOnly) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Post("flood").ok());
  ASSERT_TRUE(Post("other").ok());
  std::vector<std::string> ran = Run();
  ASSERT_EQ(ran.size(), 11u);
  ran.resize(3);
  EXPECT_THAT(ran, ElementsAre("flood", "other", "flood"));
}

TEST_F(CallLanesTest, AdministratorsWaitForNoTenant) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Post("flood").ok());
  absl::Notification revoked;
  ASSERT_TRUE(lanes_
                  .Post(CallerOf("admin", /*is_admin=*/true),
                        [&revoked] { revoked.Notify(); })
                  .ok());
  // The store thread is blocked, and no call of the flood has run yet.
  revoked.WaitForNotification();
  EXPECT_TRUE(ran_.empty());
}

TEST_F(CallLanesTest, WaitingCallsAreBoundedPerTenantAndInTotal) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Post("flood").ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Post("flood")));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Post("other").ok());
  EXPECT_TRUE(absl::IsResourceExhausted(Post("third")));
  EXPECT_EQ(Run().size(), 15u);
}

}  // namespace
}  // namespace portrait
