// Tests contacts that are forgotten during a lookup.
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
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

  static constexpr uint32_t kAcme = 1, kBank = 2;

  std::shared_ptr<RecordingSink> Lookup(uint32_t tenant = 0) {
    LookupRequest request;
    request.tenant_number = tenant;
    request.urgent = true;  // queued when this returns
    return LookupTest::Lookup({kNumber}, request);
  }
  // The tasks of that many lookups, which sink_ hears of.
  std::vector<ContactTask> StartLookups(size_t count, uint32_t tenant) {
    LookupRequest request;
    request.tenant_number = tenant;
    std::vector<std::string> contacts;
    for (size_t i = 0; i < count; ++i) {
      contacts.push_back(absl::StrCat(13105550000 + i));
    }
    sink_ = LookupTest::Lookup(contacts, request);
    std::vector<ContactTask> tasks;
    while (tasks.size() < count) {
      const std::vector<ContactTask> more = Take(/*max=*/1000);
      if (more.empty()) break;
      tasks.insert(tasks.end(), more.begin(), more.end());
    }
    EXPECT_THAT(tasks, SizeIs(count));
    return tasks;
  }
  static std::string StrangerJid(int i) {
    return absl::StrCat(4915100000000 + i, "@s.whatsapp.net");
  }
  void ExpectAllAnswered(size_t count) {
    size_t answered = 0;
    for (const LookupResult& each : sink_->Wait(count)) {
      if (each.result.profile_picture().id() == "7") ++answered;
    }
    EXPECT_EQ(answered, count);
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
  std::shared_ptr<RecordingSink> sink_;

  static void ExpectForgotten(const std::shared_ptr<RecordingSink>& sink) {
    const v1::LookupError error = sink->WaitForOne().error();
    EXPECT_EQ(error.reason(), v1::ERROR_REASON_SUPPRESSED);
    EXPECT_THAT(error.message(), HasSubstr("forgotten"));
    EXPECT_FALSE(error.has_retry_after());
  }
};

TEST_F(LookupForgettingTest, AnAnswerInFlightIsNotStored) {
  const auto sink = Lookup();
  const ContactTask task = TakeOne();
  Forget(kJid);
  Complete(task);
  ExpectForgotten(sink);
  EXPECT_FALSE(IsStored());
}

TEST_F(LookupForgettingTest, AnAnswerToAQueuedTaskIsNotStored) {
  const auto sink = Lookup();
  WaitUntilQueued();
  Forget(kJid);
  Complete(TakeOne());
  ExpectForgotten(sink);
  EXPECT_FALSE(IsStored());
}

TEST_F(LookupForgettingTest, AnAnswerWithoutWaitersIsNotStored) {
  auto sink = Lookup();
  const ContactTask task = TakeOne();
  sink.reset();
  Forget(kJid);
  Complete(task);
  engine_.reset();  // waits for queued results
  EXPECT_FALSE(IsStored());
}

TEST_F(LookupForgettingTest, ForgettingEitherAddressForgetsTheContact) {
  const auto sink = Lookup();
  const ContactTask task = TakeOne();
  Forget(kLid);
  Complete(task);
  ExpectForgotten(sink);
  EXPECT_FALSE(IsStored());
}

TEST_F(LookupForgettingTest, ALaterLookupIsAnswered) {
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

TEST_F(LookupForgettingTest, AnObjectionAlsoAppliesToLaterLookups) {
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

TEST_F(LookupForgettingTest, ForgettingFailsNoLookupOfAnotherTenant) {
  const auto of_bank = Lookup(kBank);
  const auto of_acme = Lookup(kAcme);
  ASSERT_TRUE(stores_.pictures->Untie(kJid, kAcme, false).ok());
  Complete(TakeOne());
  EXPECT_EQ(of_bank->WaitForOne().profile_picture().id(), "7");
  ExpectForgotten(of_acme);
  EXPECT_TRUE(IsStored());
  // The tenant that has forgotten the contact is not tied by its earlier
  // lookup.
  const std::vector<std::string> jids = {kJid};
  const auto stored = stores_.pictures->Get(jids);
  ASSERT_THAT(stored->at(0).record->ties(), SizeIs(1));
  EXPECT_EQ(stored->at(0).record->ties(0).tenant(), kBank);
}

TEST_F(LookupForgettingTest,
       AnUncertainTenantDoesNotFailWithTheTenantThatForgot) {
  const auto of_bank = Lookup(kBank);
  const auto of_acme = Lookup(kAcme);
  // The bank forgets more strangers than are remembered, and then acme forgets
  // the contact itself.
  for (int i = 0; i < 130'000; ++i) {
    ASSERT_TRUE(stores_.pictures->Untie(StrangerJid(i), kBank, true).ok());
  }
  ASSERT_TRUE(stores_.pictures->Untie(kJid, kAcme, false).ok());
  Complete(TakeOne());
  ExpectForgotten(of_acme);
  Complete(TakeOne());  // the bank's lookup asks once more
  EXPECT_EQ(of_bank->WaitForOne().profile_picture().id(), "7");
}

TEST_F(LookupForgettingTest, AnErasureForAllStopsEachEarlierLookup) {
  const auto of_acme = Lookup(kAcme);
  Forget(kJid);
  const auto of_bank = Lookup(kBank);
  Complete(TakeOne());
  ExpectForgotten(of_acme);
  EXPECT_EQ(of_bank->WaitForOne().profile_picture().id(), "7");
  const std::vector<std::string> jids = {kJid};
  const auto stored = stores_.pictures->Get(jids);
  ASSERT_THAT(stored->at(0).record->ties(), SizeIs(1));
  EXPECT_EQ(stored->at(0).record->ties(0).tenant(), kBank);
}

TEST_F(LookupForgettingTest, ATenantsOwnLookupInFlightIsNotStored) {
  const auto sink = Lookup(kAcme);
  const ContactTask task = TakeOne();
  ASSERT_TRUE(stores_.pictures->Untie(kJid, kAcme, false).ok());
  Complete(task);
  ExpectForgotten(sink);
  EXPECT_FALSE(IsStored());
}

// More than ForgottenContacts keeps.
TEST_F(LookupForgettingTest, ForgettingStrangersCostsNoLookupOfOthers) {
  const std::vector<ContactTask> tasks = StartLookups(/*count=*/600, kBank);
  for (int i = 0; i < 130'000; ++i) {
    ASSERT_TRUE(
        stores_.pictures->Untie(StrangerJid(i), kAcme, /*erase_untied=*/true)
            .ok());
  }
  for (const ContactTask& task : tasks) {
    LookupTest::Complete(task, Seen(task, "7", clock_.Now()));
  }
  ExpectAllAnswered(600);
  EXPECT_EQ(scheduler_->depth().queued, 0u);  // nothing was asked twice
}

TEST_F(LookupForgettingTest, AnAdminsPurgeOfStrangersCostsNoLookup) {
  const std::vector<ContactTask> tasks = StartLookups(/*count=*/600, kBank);
  for (int i = 0; i < 130'000; ++i) Forget(StrangerJid(i));
  for (const ContactTask& task : tasks) {
    LookupTest::Complete(task, Seen(task, "7", clock_.Now()));
  }
  // It is not known which of the contacts were forgotten, so each is looked up
  // once more.
  size_t again = 0;
  while (again < tasks.size()) {
    const std::vector<ContactTask> more = Take(/*max=*/1000);
    ASSERT_FALSE(more.empty());
    again += more.size();
    for (const ContactTask& task : more) {
      LookupTest::Complete(task, Seen(task, "7", clock_.Now()));
    }
  }
  ExpectAllAnswered(600);
}

TEST_F(LookupForgettingTest, OtherContactsAreStored) {
  const auto sink = Lookup();
  const ContactTask task = TakeOne();
  Forget("4915112345678@s.whatsapp.net");
  Complete(task);
  EXPECT_EQ(sink->WaitForOne().profile_picture().id(), "7");
  EXPECT_TRUE(IsStored());
}

}  // namespace
}  // namespace portrait
