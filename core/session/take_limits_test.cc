#include "core/session/take_limits.h"

#include <gtest/gtest.h>

namespace portrait {
namespace {

class TakeLimitsTest : public ::testing::Test {
 protected:
  TakeLimitsTest() {
    options_.max_contacts_in_hand = 300;
    options_.max_queries_in_flight = 4;
  }

  static std::vector<ContactTask> Tasks(size_t count, bool urgent) {
    std::vector<ContactTask> tasks(count);
    for (ContactTask& task : tasks) task.urgent = urgent;
    return tasks;
  }
  RateLimiter Limiter(double per_second) {
    return RateLimiter(per_second, clock_.clock());
  }

  ManualClock clock_{absl::FromUnixSeconds(1'750'000'000)};
  SessionOptions options_;
  QueryLimits unlimited_{Limiter(0), Limiter(0), Limiter(0), Limiter(0)};
  QueryLimits usual_{Limiter(0.2), Limiter(2), Limiter(0), Limiter(0)};
};

TEST_F(TakeLimitsTest, BulkIsTakenInFullBatches) {
  TakeLimits limits(options_, unlimited_);
  const std::vector<ContactTask> tasks = Tasks(200, /*urgent=*/false);
  EXPECT_TRUE(limits.WantsBulk(0));
  limits.Add(tasks);
  EXPECT_FALSE(limits.WantsBulk(0));
  for (const ContactTask& task : tasks) limits.Remove(task);
  EXPECT_TRUE(limits.WantsBulk(0));
}

TEST_F(TakeLimitsTest, UrgentContactsInHandHoldUpNoBulk) {
  TakeLimits limits(options_, unlimited_);
  limits.Add(Tasks(300, /*urgent=*/true));
  EXPECT_FALSE(limits.WantsUrgent());
  EXPECT_TRUE(limits.WantsBulk(0));
  EXPECT_FALSE(limits.IsFull());
  limits.Add(Tasks(300, /*urgent=*/false));
  EXPECT_TRUE(limits.IsFull());
}

TEST_F(TakeLimitsTest, BulkWaitsWhileEnoughPictureQueriesAreAhead) {
  TakeLimits limits(options_, unlimited_);
  EXPECT_TRUE(limits.WantsBulk(/*waiting=*/15));
  EXPECT_FALSE(limits.WantsBulk(/*waiting=*/16));  // four windows of four
}

TEST_F(TakeLimitsTest, LearnsThatFewContactsNeedAPictureQuery) {
  TakeLimits limits(options_, unlimited_);
  const std::vector<ContactTask> asked = Tasks(100, /*urgent=*/false);
  limits.AddAsked(asked);
  EXPECT_FALSE(limits.IsQuiet());
  EXPECT_FALSE(limits.WantsBulk(0));  // 70 expected
  for (int answer = 0; answer < 20; ++answer) limits.Learn(0, 125);
  EXPECT_TRUE(limits.WantsBulk(0));
  limits.RemoveAsked(asked);
  EXPECT_TRUE(limits.IsQuiet());
}

TEST_F(TakeLimitsTest,
       AnAccountFetchesOnePicturePerSecondAndAsksAboutTwentyFive) {
  TakeLimits limits(options_, usual_);
  EXPECT_DOUBLE_EQ(limits.LookupsPerSecond(), 1);
  EXPECT_DOUBLE_EQ(limits.PictureShare(), 1.0 / 25);
  options_.lean_picture_queries = true;
  EXPECT_DOUBLE_EQ(limits.LookupsPerSecond(), 2);
}

TEST_F(TakeLimitsTest, WithoutRateLimitsThereIsNoLimitOfLookups) {
  TakeLimits limits(options_, unlimited_);
  EXPECT_EQ(limits.LookupsPerSecond(), 0);
  EXPECT_EQ(limits.PictureShare(), 1);
}

}  // namespace
}  // namespace portrait
