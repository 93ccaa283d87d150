#include "core/cluster/pending_writes.h"

#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::cluster {
namespace {

constexpr absl::Duration kNow = absl::ZeroDuration();

PendingWrites::Write WriteOf(size_t place, const std::string& jid,
                             std::shared_ptr<WriteGroup> group,
                             size_t message = 0) {
  PendingWrites::Write write;
  write.place = place;
  write.entry.id = jid;
  write.group = std::move(group);
  write.message = message;
  return write;
}

uint64_t Add(PendingWrites& writes, PendingWrites::Write write) {
  const uint64_t id = writes.NextId();
  writes.Add(id, std::move(write));
  return id;
}

TEST(PendingWritesTest, AGroupIsSettledWhenEachOfItsMessagesIs) {
  WriteGroup group(2);
  group.Succeed(1, {.sequence = 7, .erased = 0});
  EXPECT_EQ(group.Await(kNow).status().code(), absl::StatusCode::kUnavailable);
  group.Succeed(0, {.sequence = 8, .erased = 3});
  const auto outcomes = group.Await(kNow);
  ASSERT_TRUE(outcomes.ok()) << outcomes.status();
  EXPECT_EQ(outcomes->at(0).erased, 3u);
  EXPECT_EQ(outcomes->at(1).sequence, 7u);
}

TEST(PendingWritesTest, OneFailureFailsTheGroup) {
  WriteGroup group(2);
  group.Succeed(0, {});
  group.Fail(absl::UnavailableError("first"));
  group.Fail(absl::UnavailableError("second"));
  EXPECT_EQ(group.Await(absl::InfiniteDuration()).status().message(), "first");
}

TEST(PendingWritesTest, EachWriteIsTakenOnce) {
  PendingWrites writes;
  const uint64_t id = Add(writes, WriteOf(1, "a", nullptr));
  EXPECT_FALSE(writes.Take(id + 1).has_value());
  EXPECT_TRUE(writes.Take(id).has_value());
  EXPECT_FALSE(writes.Take(id).has_value());
}

TEST(PendingWritesTest, KnowsTheLastWriteOfARecord) {
  PendingWrites writes;
  const auto first = std::make_shared<WriteGroup>(1);
  const auto second = std::make_shared<WriteGroup>(1);
  const uint64_t a = Add(writes, WriteOf(1, "a", first));
  const uint64_t b = Add(writes, WriteOf(1, "a", second));
  EXPECT_EQ(writes.GroupOfRecord("a"), second);
  writes.Take(a);
  EXPECT_EQ(writes.GroupOfRecord("a"), second);
  writes.Take(b);
  EXPECT_EQ(writes.GroupOfRecord("a"), nullptr);
}

TEST(PendingWritesTest, TakesAllWritesOfAPlaceAndLeavesTheOthers) {
  PendingWrites writes;
  const auto group = std::make_shared<WriteGroup>(1);
  Add(writes, WriteOf(1, "a", group));
  Add(writes, WriteOf(1, "b", group));
  Add(writes, WriteOf(2, "c", group));
  EXPECT_FALSE(writes.WaitUntilNoneOf({1}, kNow));
  EXPECT_EQ(writes.TakeAllOf(1).size(), 2u);
  EXPECT_TRUE(writes.WaitUntilNoneOf({1, 3}, kNow));
  EXPECT_EQ(writes.GroupOfRecord("a"), nullptr);
  EXPECT_EQ(writes.GroupOfRecord("c"), group);
  EXPECT_TRUE(writes.WaitForRoom(2, kNow));
  EXPECT_FALSE(writes.WaitForRoom(1, kNow));
}

}  // namespace
}  // namespace portrait::cluster
