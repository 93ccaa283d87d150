#include "core/base/fair_threads.h"

#include <atomic>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;

// One thread, blocked until the test lets it run the posted work.
class FairThreadsTest : public testing::Test {
 protected:
  FairThreadsTest() {
    threads_.Post("first", [this] { begin_.WaitForNotification(); });
  }

  void Post(const std::string& tenant) {
    threads_.Post(tenant, [this, tenant] { ran_.push_back(tenant); });
  }

  // Runs the posted work and returns its order.
  std::vector<std::string> Run() {
    begin_.Notify();
    threads_.Join();
    return ran_;
  }

  absl::Notification begin_;
  std::vector<std::string> ran_;  // used by the thread until it has ended
  FairThreads threads_{1};
};

TEST_F(FairThreadsTest, TenantsTakeTurnsHoweverMuchOneTenantPosts) {
  for (int i = 0; i < 1000; ++i) Post("large");
  Post("small");
  Post("small");
  Post("tiny");
  std::vector<std::string> ran = Run();
  ASSERT_EQ(ran.size(), 1003u);
  ran.resize(6);
  EXPECT_THAT(ran,
              ElementsAre("large", "small", "tiny", "large", "small", "large"));
}

TEST(FairThreadsJoinTest, RunsAllPostedWork) {
  std::atomic<int> ran = 0;
  FairThreads threads(4);
  for (int i = 0; i < 1000; ++i) {
    threads.Post(i % 2 == 0 ? "a" : "b", [&ran] { ++ran; });
  }
  threads.Join();
  EXPECT_EQ(ran, 1000);
}

}  // namespace
}  // namespace portrait
