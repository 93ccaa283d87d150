// Tests contacts that are forgotten during a lookup.
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/lookup/testing/lookup_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_deadline.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kNumber[] = "13105551234";
constexpr char kJid[] = "13105551234@s.whatsapp.net";
constexpr char kLid[] = "100875997589545@lid";

class LookupForgettingTest : public LookupTest {
 protected:
  LookupForgettingTest() { MakeEngine(*stores_.pictures); }

  std::shared_ptr<RecordingSink> Lookup() {
    return LookupTest::Lookup({kNumber});
  }
  // Takes a lookup's task as a session does.
  ContactTask TakeOne() {
    const std::vector<ContactTask> tasks = Take(/*max=*/1);
    EXPECT_THAT(tasks, SizeIs(1));
    return tasks.empty() ? ContactTask() : tasks[0];
  }
  void WaitUntilQueued() {
    const absl::Time give_up = absl::Now() + kTestDeadline;
    while (scheduler_->depth().queued == 0 && absl::Now() < give_up) {
      std::this_thread::yield();
    }
  }
  void Complete(const ContactTask& task) {
    Observation seen = Seen(task, "7", clock_.Now());
    seen.lid = kLid;
    LookupTest::Complete(task, std::move(seen));
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
};

TEST_F(LookupForgettingTest, AnAnswerOnItsWayIsNotStored) {
  const auto sink = Lookup();
  const ContactTask task = TakeOne();
  Forget(kJid);
  Complete(task);
  ExpectForgotten(sink);
  EXPECT_FALSE(IsStored());
}

TEST_F(LookupForgettingTest, NorIsOneThatWasYetToBeAsked) {
  const auto sink = Lookup();
  WaitUntilQueued();
  Forget(kJid);
  Complete(TakeOne());
  ExpectForgotten(sink);
  EXPECT_FALSE(IsStored());
}

TEST_F(LookupForgettingTest, NorIsOneThatNobodyWaitsForAnyMore) {
  auto sink = Lookup();
  const ContactTask task = TakeOne();
  sink.reset();
  Forget(kJid);
  Complete(task);
  engine_.reset();  // waits for queued results
  EXPECT_FALSE(IsStored());
}

TEST_F(LookupForgettingTest, ItCountsWhicheverOfTheTwoAddressesIsForgotten) {
  const auto sink = Lookup();
  const ContactTask task = TakeOne();
  Forget(kLid);
  Complete(task);
  ExpectForgotten(sink);
  EXPECT_FALSE(IsStored());
}

TEST_F(LookupForgettingTest, WhoAsksAfterwardsIsAnswered) {
  const auto before = Lookup();
  const ContactTask task = TakeOne();
  Forget(kJid);
  Complete(task);
  ExpectForgotten(before);
  const auto after = Lookup();
  Complete(TakeOne());
  EXPECT_EQ(after->WaitForOne().profile_picture().id(), "7");
  EXPECT_TRUE(IsStored());
}

TEST_F(LookupForgettingTest, AnObjectionStandsAlsoForThoseWhoAskAfterwards) {
  const auto before = Lookup();
  const ContactTask task = TakeOne();
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
  const ContactTask task = TakeOne();
  Forget("4915112345678@s.whatsapp.net");
  Complete(task);
  EXPECT_EQ(sink->WaitForOne().profile_picture().id(), "7");
  EXPECT_TRUE(IsStored());
}

}  // namespace
}  // namespace portrait
