#include "core/session/group_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

using ::testing::SizeIs;
using whatsapp::PictureType;

PlannedContact Group(size_t i, PictureType type = PictureType::kImage,
                     bool urgent = false) {
  PlannedContact group;
  group.task.contact.jid = {absl::StrCat(120363041234560000 + i),
                            whatsapp::kGroupServer};
  group.task.urgent = urgent;
  whatsapp::PictureQuery query;
  query.target = group.task.contact.jid;
  query.type = type;
  group.plan.queries = {query};
  return group;
}

TEST(GroupQueueTest, ASingleGroupWaitsForOthersOnlyWhileTheSessionIsBusy) {
  GroupQueue queue;
  queue.Add(Group(1));
  EXPECT_EQ(queue.UntilDue(/*idle=*/true), absl::ZeroDuration());
  EXPECT_LE(queue.UntilDue(/*idle=*/false), absl::Milliseconds(10));
}

TEST(GroupQueueTest, TakesGroupsOfOneSizeUpToTheLimitOfAQuery) {
  GroupQueue queue;
  const size_t most = whatsapp::kMaxGroupsInQuery;
  for (size_t i = 0; i <= most; ++i) {
    queue.Add(Group(i));
    if (i % 100 == 0) queue.Add(Group(i, PictureType::kPreview));
  }
  queue.Add(Group(7777, PictureType::kPreview, /*urgent=*/true));
  EXPECT_EQ(queue.UntilDue(/*idle=*/false), absl::ZeroDuration());
  // The urgent group is in front.
  const std::vector<PlannedContact> previews = queue.Take();
  EXPECT_TRUE(previews.front().task.urgent);
  EXPECT_THAT(previews, SizeIs(12));
  EXPECT_THAT(queue.Take(), SizeIs(most));
  EXPECT_THAT(queue.Take(), SizeIs(1));
  EXPECT_TRUE(queue.empty());
}

TEST(GroupQueueTest, TakeAllReturnsEveryGroup) {
  GroupQueue queue;
  queue.Add(Group(1));
  queue.Add(Group(2));
  EXPECT_THAT(queue.TakeAll(), SizeIs(2));
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace portrait
