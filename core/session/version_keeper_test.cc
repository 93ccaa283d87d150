#include "core/session/version_keeper.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_deadline.h"
#include "tests/support/test_page.h"

namespace portrait {
namespace {

using whatsapp::ClientVersion;

class VersionKeeperTest : public ::testing::Test {
 protected:
  VersionKeeperTest() {
    options_.at_least = {2, 3000, 1000};
    options_.page.url = page_.url();
    options_.file = absl::StrCat(folder_.path(), "/version");
  }
  void Tell(uint64_t revision) {
    page_.SetBody(absl::StrCat("{\"client_revision\":", revision, "}"));
  }
  void Start() {
    keeper_ = std::make_unique<VersionKeeper>(options_);
    keeper_->SetOnNewer([this] { ++newer_; });
  }
  template <typename Condition>
  static bool WaitFor(Condition condition) {
    const absl::Time give_up = absl::Now() + kTestDeadline;
    while (!condition()) {
      if (absl::Now() > give_up) return false;
      absl::SleepFor(absl::Milliseconds(1));
    }
    return true;
  }
  bool WaitForRevision(uint32_t revision) {
    return WaitFor([&] { return keeper_->Get().tertiary == revision; });
  }

  const TemporaryFolder folder_;
  TestPage page_;
  VersionKeeper::Options options_;
  std::atomic<int> newer_ = 0;
  std::unique_ptr<VersionKeeper> keeper_;
};

TEST_F(VersionKeeperTest, FetchesThePageOncePerIntervalWhileSessionsConnect) {
  Tell(1001);
  Start();
  EXPECT_EQ(keeper_->Get(), options_.at_least);
  EXPECT_TRUE(WaitForRevision(1001));
  EXPECT_EQ(keeper_->Get(), (ClientVersion{2, 3000, 1001}));
  EXPECT_TRUE(WaitFor([&] { return newer_ == 1; }));
  EXPECT_EQ(page_.requests(), 1);
}

TEST_F(VersionKeeperTest, NeverGoesBackOrFarAhead) {
  options_.interval = absl::Milliseconds(1);
  for (const uint64_t revision : {999u, 1'000'001'001u}) {
    Tell(revision);
    Start();
    const int before = page_.requests();
    EXPECT_TRUE(WaitFor([&] {
      keeper_->Get();
      return page_.requests() >= before + 3;
    }));
    EXPECT_EQ(keeper_->Get(), options_.at_least);
  }
  EXPECT_EQ(newer_, 0);
  Tell(1'000'001'000);
  EXPECT_TRUE(WaitForRevision(1'000'001'000));
}

TEST_F(VersionKeeperTest, RemembersTheNewestBetweenRuns) {
  Tell(1005);
  Start();
  EXPECT_TRUE(WaitForRevision(1005));
  EXPECT_TRUE(WaitFor([&] { return newer_ == 1; }));
  page_.SetAnswer("HTTP/1.1 404 Not Found\r\n\r\n");
  Start();
  EXPECT_EQ(keeper_->Get().tertiary, 1005);
  options_.at_least.tertiary = 1006;
  Start();
  EXPECT_EQ(keeper_->Get().tertiary, 1006);
  std::ofstream(options_.file) << "garbage";
  Start();
  EXPECT_EQ(keeper_->Get().tertiary, 1006);
}

TEST_F(VersionKeeperTest, AsksAgainSoonerWhenItsVersionIsRefused) {
  options_.retry_interval = absl::Milliseconds(10);
  Tell(1000);
  Start();
  const ClientVersion announced = keeper_->Get();
  EXPECT_TRUE(WaitFor([&] { return page_.requests() == 1; }));
  EXPECT_FALSE(keeper_->OnRefused(announced));
  EXPECT_TRUE(WaitFor([&] { return page_.requests() >= 3; }));
  Tell(1001);
  EXPECT_TRUE(WaitFor([&] { return newer_ == 1; }));
  // A session that still announced the old version can reconnect at once.
  EXPECT_TRUE(keeper_->OnRefused(announced));
}

TEST_F(VersionKeeperTest, RetriesIfThePageIsUnavailable) {
  options_.retry_interval = absl::Milliseconds(10);
  page_.SetAnswer("HTTP/1.1 503 Service Unavailable\r\n\r\n");
  Start();
  keeper_->Get();
  EXPECT_TRUE(WaitFor([&] { return page_.requests() >= 2; }));
  Tell(1001);
  EXPECT_TRUE(WaitForRevision(1001));
}

TEST_F(VersionKeeperTest, KeepsItsVersionWithoutAPage) {
  options_.page.url.clear();
  std::ofstream(options_.file) << "2.3000.2000";
  Start();
  EXPECT_FALSE(keeper_->keeps_up());
  EXPECT_EQ(keeper_->Get(), options_.at_least);
  EXPECT_FALSE(keeper_->OnRefused(options_.at_least));
}

TEST_F(VersionKeeperTest, EndsWhileThePageKeepsItWaiting) {
  options_.page.timeout = absl::Hours(1);
  Start();
  keeper_->Get();
  EXPECT_TRUE(WaitFor([&] { return page_.requests() == 1; }));
  const absl::Time start = absl::Now();
  keeper_.reset();
  EXPECT_LT(absl::Now() - start, kTestDeadline);
}

}  // namespace
}  // namespace portrait
