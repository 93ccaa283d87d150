#include "core/session/usync_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr size_t kOneToken = UsyncQueue::kContactsPerToken;

class UsyncQueueTest : public ::testing::Test {
 protected:
  static ContactTask Task(uint64_t number, UrlNeed need) {
    ContactTask task;
    task.contact = *ParseContact(absl::StrCat("+49151", 10'000'000 + number));
    task.full_url = need;
    return task;
  }
  void Add(size_t count, UrlNeed need) {
    for (size_t i = 0; i < count; ++i) queue_.Add(Task(next_++, need));
  }
  void AddUrgent() {
    ContactTask task = Task(next_++, UrlNeed::kAlways);
    task.urgent = true;
    queue_.Add(task);
  }

  ManualClock clock_{absl::FromUnixSeconds(1'750'000'000)};
  UsyncQueue queue_{500, clock_.clock()};
  uint64_t next_ = 0;
};

TEST_F(UsyncQueueTest, ABatchOfKnownContactsGrowsToTheLimitOfAQuery) {
  EXPECT_EQ(queue_.Room(0.04), kOneToken);
  Add(kOneToken, UrlNeed::kNo);
  EXPECT_EQ(queue_.Room(0.04), 500 - kOneToken);
  Add(500 - kOneToken, UrlNeed::kIfIdChanged);
  EXPECT_EQ(queue_.Room(0.04), 0u);
  const std::vector<ContactTask> batch = queue_.Next(false, false);
  EXPECT_THAT(batch, SizeIs(500));
  EXPECT_EQ(UsyncQueue::TokensFor(batch), 4);
  EXPECT_TRUE(queue_.empty());
}

TEST_F(UsyncQueueTest, KnownContactsWithoutAPictureNeedNoPictureQuery) {
  ContactTask hidden = Task(next_++, UrlNeed::kAlways);
  hidden.stored_state = v1::PICTURE_STATE_HIDDEN;
  hidden.stored_state_is_fresh = true;
  ContactTask unregistered = Task(next_++, UrlNeed::kAlways);
  unregistered.stored_registration = v1::REGISTRATION_NOT_REGISTERED;
  queue_.Add(hidden);
  queue_.Add(unregistered);
  Add(kOneToken - 2, UrlNeed::kIfIdChanged);
  EXPECT_EQ(queue_.Room(0), 500 - kOneToken);
}

TEST_F(UsyncQueueTest, ABatchThatNeedsManyPicturesEndsAtOneToken) {
  Add(6, UrlNeed::kAlways);
  Add(kOneToken - 6, UrlNeed::kNo);
  EXPECT_EQ(queue_.Room(6.0 / kOneToken), 500 - kOneToken);
  EXPECT_EQ(queue_.Room(5.0 / kOneToken), 0u);
  EXPECT_EQ(UsyncQueue::TokensFor(queue_.Next(false, false)), 1);
}

TEST_F(UsyncQueueTest, NoBatchGrowsBetweenLargeQueries) {
  Add(kOneToken, UrlNeed::kNo);
  EXPECT_EQ(queue_.Room(UsyncQueue::kNoGrowth), 0u);
}

TEST_F(UsyncQueueTest, ASmallLimitOfAQueryIsKept) {
  UsyncQueue queue(50, clock_.clock());
  EXPECT_EQ(queue.Room(1), 50u);
  for (uint64_t i = 0; i < 70; ++i) queue.Add(Task(i, UrlNeed::kNo));
  EXPECT_EQ(queue.Room(1), 0u);
  EXPECT_THAT(queue.Next(false, false), SizeIs(50));
  EXPECT_THAT(queue.TakeAll(), SizeIs(20));
}

TEST_F(UsyncQueueTest, AnUrgentContactWithTwoAddressesCountsTwice) {
  // Brazilian mobile numbers may be registered with or without the ninth digit.
  UsyncQueue queue(3, clock_.clock());
  for (int i = 0; i < 3; ++i) {
    ContactTask task;
    task.contact = *ParseContact(absl::StrCat("+551199999000", i));
    task.urgent = true;
    queue.Add(task);
  }
  EXPECT_THAT(queue.Next(false, false), SizeIs(1));
  EXPECT_TRUE(queue.has_urgent());
  EXPECT_THAT(queue.TakeAll(), SizeIs(2));
}

TEST_F(UsyncQueueTest, ContactsWaitForOthersWhileAQueryIsInFlight) {
  Add(1, UrlNeed::kNo);
  EXPECT_EQ(queue_.UntilDue(/*is_quiet=*/true), absl::ZeroDuration());
  EXPECT_GT(queue_.UntilDue(/*is_quiet=*/false), absl::ZeroDuration());
  EXPECT_THAT(queue_.Next(false, /*is_quiet=*/false), IsEmpty());
  clock_.Advance(queue_.UntilDue(/*is_quiet=*/false));
  EXPECT_THAT(queue_.Next(false, /*is_quiet=*/false), SizeIs(1));
  EXPECT_EQ(queue_.UntilDue(false), absl::InfiniteDuration());
}

TEST_F(UsyncQueueTest, OnlyABatchWithAnUrgentContactMayGoBetweenLargeQueries) {
  Add(1, UrlNeed::kNo);
  EXPECT_FALSE(queue_.has_urgent());
  EXPECT_THAT(queue_.Next(/*urgent_only=*/true, true), IsEmpty());
  AddUrgent();
  EXPECT_TRUE(queue_.has_urgent());
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(queue_.Next(/*urgent_only=*/true, true), SizeIs(2));
}

TEST_F(UsyncQueueTest, EachHalfOfARefusedBatchIsAQueryOfItsOwn) {
  Add(10, UrlNeed::kNo);
  AddUrgent();
  queue_.AddRefused(queue_.TakeAll());
  EXPECT_THAT(queue_.Next(/*urgent_only=*/true, true), SizeIs(6));
  EXPECT_THAT(queue_.Next(/*urgent_only=*/true, true), IsEmpty());
  EXPECT_THAT(queue_.Next(false, true), SizeIs(5));
}

}  // namespace
}  // namespace portrait
