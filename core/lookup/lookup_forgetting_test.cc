// Contacts that are forgotten while somebody looks them up.
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/lookup/fake_whatsapp_test.h"
#include "core/lookup/lookup_engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kNumber[] = "13105551234";
constexpr char kJid[] = "13105551234@s.whatsapp.net";
constexpr char kLid[] = "100875997589545@lid";

class LookupForgettingTest : public testing::Test {
 protected:
  LookupForgettingTest() {
    engine_ = LookupEngine::Make(*stores_.pictures, *scheduler_, directory_,
                                 {.clock = clock_.clock()});
  }

  std::shared_ptr<RecordingSink> Lookup() {
    auto sink = std::make_shared<RecordingSink>();
    engine_->Lookup(std::make_shared<const LookupRequest>(), {{1, kNumber, ""}},
                    sink);
    return sink;
  }
  // The task of a lookup, as a session takes it.
  ContactTask Take() {
    const absl::Time give_up = absl::Now() + kTestPatience;
    std::vector<ContactTask> tasks;
    while (tasks.empty() && absl::Now() < give_up) {
      tasks = scheduler_->Take("s", 1);
      std::this_thread::yield();
    }
    EXPECT_THAT(tasks, SizeIs(1));
    return tasks.empty() ? ContactTask() : tasks[0];
  }
  void WaitUntilQueued() {
    const absl::Time give_up = absl::Now() + kTestPatience;
    while (scheduler_->depth().queued == 0 && absl::Now() < give_up) {
      std::this_thread::yield();
    }
  }
  void Complete(const ContactTask& task) {
    Observation seen = Seen(task, "7", clock_.Now());
    seen.lid = kLid;
    std::vector<TaskResult> results;
    results.push_back({task.id, std::move(seen)});
    scheduler_->Complete(std::move(results));
  }
  void Forget(const std::string& jid, bool suppress = false) {
    ASSERT_TRUE(stores_.pictures->Forget(jid, suppress).ok());
  }
  bool IsStored() {
    const std::vector<std::string> jids = {kJid, kLid};
    const auto contacts = stores_.pictures->Get(jids);
    EXPECT_TRUE(contacts.ok()) << contacts.status();
    const bool has_changes = !stores_.pictures->ReadChanges(0, 10)->empty();
    EXPECT_EQ(has_changes, contacts->at(0).record.has_value());
    EXPECT_EQ(has_changes, contacts->at(1).record.has_value());
    return has_changes;
  }
  static void ExpectForgotten(const std::shared_ptr<RecordingSink>& sink) {
    const v1::LookupError error = sink->WaitForOne().error();
    EXPECT_EQ(error.reason(), v1::ERROR_REASON_SUPPRESSED);
    EXPECT_THAT(error.message(), HasSubstr("forgotten"));
    EXPECT_FALSE(error.has_retry_after());
  }

  ManualClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  Stores stores_ = NewMemoryStores();
  FakeDirectory directory_;
  std::unique_ptr<Scheduler> scheduler_ =
      Scheduler::Make({.clock = clock_.clock()});
  std::unique_ptr<LookupEngine> engine_;
};

TEST_F(LookupForgettingTest, AnAnswerOnItsWayIsNotStored) {
  const auto sink = Lookup();
  const ContactTask task = Take();
  Forget(kJid);
  Complete(task);
  ExpectForgotten(sink);
  EXPECT_FALSE(IsStored());
}

TEST_F(LookupForgettingTest, NorIsOneThatWasYetToBeAsked) {
  const auto sink = Lookup();
  WaitUntilQueued();
  Forget(kJid);
  Complete(Take());
  ExpectForgotten(sink);
  EXPECT_FALSE(IsStored());
}

TEST_F(LookupForgettingTest, NorIsOneThatNobodyWaitsForAnyMore) {
  auto sink = Lookup();
  const ContactTask task = Take();
  sink.reset();
  Forget(kJid);
  Complete(task);
  engine_.reset();  // handles what has come
  EXPECT_FALSE(IsStored());
}

TEST_F(LookupForgettingTest, ItCountsWhicheverOfTheTwoAddressesIsForgotten) {
  const auto sink = Lookup();
  const ContactTask task = Take();
  Forget(kLid);
  Complete(task);
  ExpectForgotten(sink);
  EXPECT_FALSE(IsStored());
}

TEST_F(LookupForgettingTest, WhoAsksAfterwardsIsAnswered) {
  const auto before = Lookup();
  const ContactTask task = Take();
  Forget(kJid);
  Complete(task);
  ExpectForgotten(before);
  const auto after = Lookup();
  Complete(Take());
  EXPECT_EQ(after->WaitForOne().profile_picture().id(), "7");
  EXPECT_TRUE(IsStored());
}

TEST_F(LookupForgettingTest, AnObjectionStandsAlsoForThoseWhoAskAfterwards) {
  const auto before = Lookup();
  const ContactTask task = Take();
  Forget(kJid, /*suppress=*/true);
  Complete(task);
  for (const auto& sink : {before, Lookup()}) {
    EXPECT_EQ(sink->WaitForOne().error().reason(), v1::ERROR_REASON_SUPPRESSED);
  }
  EXPECT_FALSE(IsStored());
  EXPECT_EQ(scheduler_->depth().queued, 0u);
}

TEST_F(LookupForgettingTest, OthersAreStoredAsEver) {
  const auto sink = Lookup();
  const ContactTask task = Take();
  Forget("4915112345678@s.whatsapp.net");
  Complete(task);
  EXPECT_EQ(sink->WaitForOne().profile_picture().id(), "7");
  EXPECT_TRUE(IsStored());
}

}  // namespace
}  // namespace portrait
