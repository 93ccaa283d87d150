#include "core/lookup/fair_queue.h"

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using Wanted = FairQueue::Wanted;

class FairQueueTest : public testing::Test {
 protected:
  struct Queued {
    std::string tenant;
    bool urgent = false;
    std::string session = "";
    std::string returned_by = "";
    ContactKind kind = ContactKind::kPhoneNumber;
  };
  void Push(const Queued& queued, int count = 1) {
    for (int i = 0; i < count; ++i) {
      Task& task = tasks_.emplace_back();
      task.contact.id = tasks_.size();
      task.contact.urgent = queued.urgent;
      task.contact.only_session = queued.session;
      task.contact.contact.kind = queued.kind;
      queue_.Push(queued.tenant, queued.returned_by, FairQueue::End::kBack,
                  &task);
    }
  }
  // The tenants whose tasks were taken; urgent tasks have a '!'.
  std::vector<std::string> Take(size_t max, Wanted wanted = Wanted::kAnything) {
    std::vector<std::string> taken;
    const FairQueue::Taker taker{"s", absl::Now(), wanted};
    const auto kind = queue_.NextKind(taker);
    if (!kind) return taken;
    queue_.Take(*kind, taker, max, [&](const std::string& tenant, Task* task) {
      taken.push_back(absl::StrCat(tenant, task->contact.urgent ? "!" : ""));
      return true;
    });
    return taken;
  }
  static std::map<std::string, int> Count(
      const std::vector<std::string>& taken) {
    std::map<std::string, int> counts;
    for (const std::string& each : taken) ++counts[each];
    return counts;
  }

  std::deque<Task> tasks_;
  FairQueue queue_;
};

TEST_F(FairQueueTest, AFloodOfUrgentTasksDoesNotReduceAnotherTenantsShare) {
  Push({.tenant = "bulk"}, 1000);
  Push({.tenant = "flood", .urgent = true}, 1000);
  EXPECT_THAT(Count(Take(100)),
              UnorderedElementsAre(Pair("bulk", 50), Pair("flood!", 50)));
  // The same holds if they are taken one by one.
  std::vector<std::string> taken;
  for (int i = 0; i < 100; ++i) taken.push_back(Take(1).front());
  EXPECT_EQ(Count(taken)["bulk"], 50);
}

TEST_F(FairQueueTest, UrgencyCountsWithinTheShare) {
  Push({.tenant = "acme"}, 5);
  Push({.tenant = "zeta"}, 5);
  Push({.tenant = "acme", .urgent = true}, 2);
  EXPECT_THAT(Take(5), ElementsAre("acme!", "zeta", "acme!", "zeta", "acme"));
}

TEST_F(FairQueueTest, ACallOfATenantThatWasIdleIsAmongTheFirst) {
  for (int tenant = 0; tenant < 10; ++tenant) {
    Push({.tenant = absl::StrCat("flood", tenant), .urgent = true}, 100);
  }
  Take(55);
  Push({.tenant = "idle", .urgent = true});
  EXPECT_EQ(Count(Take(11))["idle!"], 1);
}

// Otherwise, each session that a tenant names would give it one more turn.
TEST_F(FairQueueTest, NamingSessionsGainsNoTurns) {
  Push({.tenant = "plain"}, 100);
  Push({.tenant = "many"}, 100);
  Push({.tenant = "many", .session = "s"}, 100);
  Push({.tenant = "many", .returned_by = "other"}, 100);
  EXPECT_EQ(Count(Take(100))["plain"], 50);
}

TEST_F(FairQueueTest, TakingUrgentTasksAloneCostsATurnToo) {
  Push({.tenant = "acme"}, 10);
  Push({.tenant = "flood", .urgent = true}, 10);
  EXPECT_THAT(Take(1, Wanted::kUrgentOnly), ElementsAre("flood!"));
  EXPECT_THAT(Take(2), ElementsAre("acme", "flood!"));
}

TEST_F(FairQueueTest, ItsOwnBulkKeepsAnEighthBesideATenantsUrgentTasks) {
  Push({.tenant = "acme"}, 100);
  Push({.tenant = "acme", .urgent = true}, 100);
  EXPECT_THAT(Count(Take(80)),
              UnorderedElementsAre(Pair("acme", 10), Pair("acme!", 70)));
}

TEST_F(FairQueueTest, OpenTasksAreCountedByUrgency) {
  EXPECT_FALSE(queue_.has_open());
  Push({.tenant = "acme", .urgent = true, .session = "s"});
  EXPECT_FALSE(queue_.has_open());
  Push({.tenant = "acme"});
  EXPECT_TRUE(queue_.has_open());
  EXPECT_FALSE(queue_.has_open_urgent());
  Push({.tenant = "acme", .urgent = true});
  EXPECT_TRUE(queue_.has_open_urgent());
  for (Task& task : tasks_) queue_.Remove(&task);
  EXPECT_FALSE(queue_.has_open());
  EXPECT_FALSE(queue_.has_open_urgent());
  EXPECT_EQ(queue_.OldestSubmission(), absl::InfiniteFuture());
}

}  // namespace
}  // namespace portrait
