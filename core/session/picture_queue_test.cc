#include "core/session/picture_queue.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class PictureQueueTest : public testing::Test {
 protected:
  void Add(const std::string& tenant, const std::string& user,
           bool urgent = false, bool is_half_done = false) {
    PlannedContact contact;
    contact.task.tenant = tenant;
    contact.task.contact.jid.user = user;
    contact.task.urgent = urgent;
    queue_.Add(std::move(contact), is_half_done);
  }
  std::vector<std::string> Take(int count) {
    std::vector<std::string> users;
    for (int i = 0; i < count; ++i) {
      users.push_back(queue_.Take().task.contact.jid.user);
    }
    return users;
  }

  PictureQueue queue_;
};

TEST_F(PictureQueueTest, UrgentContactsPrecedeOnlyTheirOwnTenantsBulk) {
  for (int i = 0; i < 3; ++i) Add("bulk", absl::StrCat("b", i));
  for (int i = 0; i < 3; ++i) Add("flood", absl::StrCat("u", i), true);
  Add("bulk", "own", /*urgent=*/true);
  EXPECT_THAT(Take(7), ElementsAre("own", "u0", "b0", "u1", "b1", "u2", "b2"));
  EXPECT_TRUE(queue_.empty());
}

TEST_F(PictureQueueTest, AnEndlessFloodLeavesAnotherTenantEverySecondTurn) {
  for (int i = 0; i < 50; ++i) Add("bulk", "b");
  int bulk = 0;
  for (int i = 0; i < 100; ++i) {
    Add("flood", "u", true);
    bulk += Take(1).front() == "b" ? 1 : 0;
  }
  EXPECT_EQ(bulk, 50);
}

TEST_F(PictureQueueTest, AHalfDoneContactIsItsTenantsNext) {
  Add("acme", "bulk");
  Add("acme", "urgent", /*urgent=*/true);
  Add("acme", "half", false, /*is_half_done=*/true);
  EXPECT_EQ(queue_.bulk(), 2u);
  EXPECT_THAT(Take(1), ElementsAre("half"));
  EXPECT_EQ(queue_.bulk(), 1u);
  EXPECT_THAT(queue_.TakeAll(), SizeIs(2));
  EXPECT_EQ(queue_.bulk(), 0u);
}

}  // namespace
}  // namespace portrait
