#include "server/enrich_counter.h"

#include "core/base/proto_time.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

ResultFacts Found(v1::Source source, bool changed = false) {
  return {.source = source, .changed = changed};
}

TEST(EnrichCounterTest, CountsEachResultOnceByWhereItCameFrom) {
  EnrichCounter counter(absl::Seconds(1));
  counter.AddReceived(5);
  counter.AddCompleted(Found(v1::SOURCE_STORE));
  counter.AddCompleted(Found(v1::SOURCE_WHATSAPP, /*changed=*/true));
  counter.AddCompleted(Found(v1::SOURCE_WHATSAPP));
  counter.AddCompleted({.error = v1::ERROR_REASON_INVALID_CONTACT});
  const v1::EnrichProgress progress = counter.ToProto();
  EXPECT_EQ(progress.received(), 5u);
  EXPECT_EQ(progress.completed(), 4u);
  EXPECT_EQ(progress.from_store(), 1u);
  EXPECT_EQ(progress.from_whatsapp(), 2u);
  EXPECT_EQ(progress.failed(), 1u);
  EXPECT_EQ(progress.changed(), 1u);
}

TEST(EnrichCounterTest, EstimatesTheRemainingTimeFromTheRecentRate) {
  EnrichCounter counter(absl::Seconds(1));
  counter.AddReceived(1000);
  EXPECT_FALSE(counter.ToProto().has_estimated_remaining());
  for (int tick = 0; tick < 10; ++tick) {
    for (int i = 0; i < 10; ++i) counter.AddCompleted(Found(v1::SOURCE_STORE));
    counter.OnTick();
  }
  // 900 items are left, at 10 per second.
  EXPECT_NEAR(
      absl::ToDoubleSeconds(FromProto(counter.ToProto().estimated_remaining())),
      90, 0.1);
  for (int tick = 0; tick < 10; ++tick) counter.OnTick();
  EXPECT_GT(FromProto(counter.ToProto().estimated_remaining()),
            absl::Seconds(150));
}

TEST(EnrichCounterTest, EstimatesNothingInAStall) {
  EnrichCounter counter(absl::Seconds(1));
  counter.AddReceived(1000);
  for (int i = 0; i < 10; ++i) counter.AddCompleted(Found(v1::SOURCE_STORE));
  counter.OnTick();
  EXPECT_TRUE(counter.ToProto().has_estimated_remaining());
  for (int tick = 0; tick < 1000; ++tick) counter.OnTick();
  EXPECT_FALSE(counter.ToProto().has_estimated_remaining());
}

}  // namespace
}  // namespace portrait
