#include "core/cluster/partition_fence.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Repair = LoggedWrite::Repair;

constexpr uint64_t kWriterA = 11;
constexpr uint64_t kWriterB = 22;

LogMessage Claim(uint64_t epoch, uint64_t writer,
                 const std::string& node = "n1") {
  LogMessage message;
  message.type = LogMessage::Type::kClaim;
  message.claim.set_epoch(epoch);
  message.claim.set_writer(writer);
  message.claim.set_node(node);
  return message;
}

LogMessage Entry(uint64_t epoch, uint64_t writer) {
  LogMessage message;
  message.header.set_epoch(epoch);
  message.header.set_writer(writer);
  return message;
}

bool Counts(PartitionFence& fence, int64_t offset, const std::string& key,
            const LogMessage& message) {
  return fence.Read(offset, key, message).counts;
}

TEST(PartitionFenceTest, NothingCountsBeforeTheFirstClaim) {
  PartitionFence fence;
  EXPECT_FALSE(Counts(fence, 0, "r:a", Entry(0, 0)));
  EXPECT_FALSE(Counts(fence, 1, "r:a", Entry(1, kWriterA)));
  EXPECT_TRUE(Counts(fence, 2, "c:1", Claim(1, kWriterA)));
  EXPECT_TRUE(Counts(fence, 3, "r:a", Entry(1, kWriterA)));
}

TEST(PartitionFenceTest, ANewClaimEndsTheFormerOwnersWrites) {
  PartitionFence fence;
  fence.Read(0, "c:1", Claim(1, kWriterA, "n1"));
  EXPECT_TRUE(Counts(fence, 1, "r:a", Entry(1, kWriterA)));
  EXPECT_TRUE(Counts(fence, 2, "c:2", Claim(2, kWriterB, "n2")));
  EXPECT_EQ(fence.node(), "n2");
  EXPECT_FALSE(Counts(fence, 3, "r:a", Entry(1, kWriterA)));
  EXPECT_TRUE(Counts(fence, 4, "r:b", Entry(2, kWriterB)));
  EXPECT_EQ(fence.next_offset(), 5);
}

TEST(PartitionFenceTest, OfTwoEqualClaimsTheFirstInTheLogWins) {
  PartitionFence fence;
  EXPECT_TRUE(Counts(fence, 0, "c:1", Claim(1, kWriterA)));
  EXPECT_FALSE(Counts(fence, 1, "c:1", Claim(1, kWriterB)));
  EXPECT_TRUE(Counts(fence, 2, "r:a", Entry(1, kWriterA)));
  EXPECT_FALSE(Counts(fence, 3, "r:a", Entry(1, kWriterB)));
}

TEST(PartitionFenceTest, AnOlderClaimThatComesLateChangesNothing) {
  PartitionFence fence;
  fence.Read(0, "c:5", Claim(5, kWriterB));
  EXPECT_FALSE(Counts(fence, 1, "c:4", Claim(4, kWriterA)));
  EXPECT_EQ(fence.epoch(), 5u);
  EXPECT_EQ(fence.writer(), kWriterB);
}

TEST(PartitionFenceTest, AKeyWhoseLastMessageDoesNotCountHasToBeRepaired) {
  PartitionFence fence;
  fence.Read(0, "c:1", Claim(1, kWriterA));
  fence.Read(1, "r:a", Entry(1, kWriterA));
  fence.Read(2, "c:2", Claim(2, kWriterB));
  EXPECT_THAT(fence.repairs(), IsEmpty());
  EXPECT_EQ(fence.Read(3, "r:a", Entry(1, kWriterA)).repair, Repair::kNeeded);
  fence.Read(4, "r:b", Entry(1, kWriterA));
  EXPECT_THAT(fence.repairs(), ElementsAre("r:a", "r:b"));
  EXPECT_EQ(fence.Read(5, "r:a", Entry(2, kWriterB)).repair, Repair::kDone);
  EXPECT_EQ(fence.Read(6, "r:a", Entry(2, kWriterB)).repair,
            Repair::kUnchanged);
  EXPECT_THAT(fence.repairs(), ElementsAre("r:b"));
}

TEST(PartitionFenceTest, ContinuesFromAStoredPosition) {
  PartitionFence fence;
  fence.Read(0, "c:1", Claim(7, kWriterA, "n1"));
  fence.Read(9, "r:a", Entry(6, kWriterB));
  const PartitionFence again(fence.Position(), {"r:a"});
  EXPECT_EQ(again.next_offset(), 10);
  EXPECT_EQ(again.epoch(), 7u);
  EXPECT_EQ(again.writer(), kWriterA);
  EXPECT_EQ(again.node(), "n1");
  EXPECT_THAT(again.repairs(), ElementsAre("r:a"));
}

// Compaction removes messages, but keeps claims and the last message of each
// key. A reader of what is left must come to the same decisions.
TEST(PartitionFenceTest, DecidesTheSameWhenCompactionRemovedMessages) {
  PartitionFence all, compacted;
  all.Read(0, "c:1", Claim(1, kWriterA));
  all.Read(1, "r:a", Entry(1, kWriterA));
  all.Read(2, "r:b", Entry(1, kWriterA));
  all.Read(3, "c:2", Claim(2, kWriterB));
  const bool late = Counts(all, 4, "r:b", Entry(1, kWriterA));
  const bool newer = Counts(all, 5, "r:a", Entry(2, kWriterB));

  compacted.Read(0, "c:1", Claim(1, kWriterA));
  compacted.Read(3, "c:2", Claim(2, kWriterB));
  EXPECT_EQ(Counts(compacted, 4, "r:b", Entry(1, kWriterA)), late);
  EXPECT_EQ(Counts(compacted, 5, "r:a", Entry(2, kWriterB)), newer);
  EXPECT_EQ(compacted.Position().SerializeAsString(),
            all.Position().SerializeAsString());
}

}  // namespace
}  // namespace portrait::cluster
