#include "core/work/testing/work_source_contract.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace portrait {

// Some programs link the contract without running it.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(WorkSourceContract);

namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

ContactTask TaskFor(const std::string& user, bool urgent = false,
                    ContactKind kind = ContactKind::kPhoneNumber) {
  ContactTask task;
  task.contact.jid = {.user = user, .server = whatsapp::kUserServer};
  task.contact.kind = kind;
  task.urgent = urgent;
  return task;
}

std::vector<std::string> UsersOf(const std::vector<ContactTask>& tasks) {
  std::vector<std::string> users;
  for (const ContactTask& task : tasks) users.push_back(task.contact.jid.user);
  return users;
}

LookupFailure Failure(const std::string& message) {
  LookupFailure failure;
  failure.message = message;
  return failure;
}

TEST_P(WorkSourceContract, ATaskIsHandedOutOnce) {
  under_test_->Add({TaskFor("a"), TaskFor("b"), TaskFor("c")});
  EXPECT_THAT(UsersOf(source().Take("s", 2)), ElementsAre("a", "b"));
  EXPECT_THAT(UsersOf(source().Take("s", 2)), ElementsAre("c"));
  EXPECT_THAT(source().Take("s", 2), IsEmpty());
  EXPECT_THAT(source().Take("other", 2), IsEmpty());
}

TEST_P(WorkSourceContract, ABatchIsOfOneKind) {
  under_test_->Add({TaskFor("p0"), TaskFor("g0", false, ContactKind::kGroup),
                    TaskFor("p1")});
  EXPECT_THAT(UsersOf(source().Take("s", 10)), ElementsAre("p0", "p1"));
  EXPECT_THAT(UsersOf(source().Take("s", 10)), ElementsAre("g0"));
}

TEST_P(WorkSourceContract, UrgentTasksComeFirst) {
  under_test_->Add({TaskFor("b"), TaskFor("u", /*urgent=*/true)});
  EXPECT_THAT(UsersOf(source().Take("s", 10)), ElementsAre("u", "b"));
}

TEST_P(WorkSourceContract, TakeUrgentLeavesBulkAlone) {
  under_test_->Add({TaskFor("b"), TaskFor("u", /*urgent=*/true)});
  EXPECT_THAT(UsersOf(source().TakeUrgent("s", 10)), ElementsAre("u"));
  EXPECT_THAT(source().TakeUrgent("s", 10), IsEmpty());
  EXPECT_THAT(UsersOf(source().Take("s", 10)), ElementsAre("b"));
}

TEST_P(WorkSourceContract, OnlyTheNamedSessionGetsATask) {
  ContactTask task = TaskFor("a");
  task.only_session = "second";
  under_test_->Add({task});
  EXPECT_THAT(source().Take("first", 10), IsEmpty());
  EXPECT_THAT(source().Take("second", 10), SizeIs(1));
}

TEST_P(WorkSourceContract, CallersReceiveCompletedTasks) {
  under_test_->Add({TaskFor("a"), TaskFor("b")});
  std::vector<TaskResult> results;
  for (const ContactTask& task : source().Take("s", 10)) {
    if (task.contact.jid.user == "a") {
      Observation seen;
      seen.jid = task.contact.jid.ToString();
      results.push_back({task.id, std::move(seen)});
    } else {
      results.push_back({task.id, Failure("no answer")});
    }
  }
  source().Complete(std::move(results));
  EXPECT_THAT(under_test_->TakeOutcomes(),
              UnorderedElementsAre(Pair("a", ""), Pair("b", "no answer")));
  EXPECT_THAT(source().Take("s", 10), IsEmpty());
}

TEST_P(WorkSourceContract, AReturnedTaskGoesToAnotherSessionAtOnce) {
  under_test_->Add({TaskFor("a")});
  source().GiveBack(source().Take("first", 10), Failure("429"));
  const std::vector<ContactTask> tasks = source().Take("second", 10);
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_EQ(tasks[0].attempts, 1);
  EXPECT_THAT(under_test_->TakeOutcomes(), IsEmpty());
}

TEST_P(WorkSourceContract, ATaskFailsAfterItsAttemptsWithTheLastReason) {
  under_test_->Add({TaskFor("a")});
  for (int i = 1; i <= kMaxTaskAttempts; ++i) {
    EXPECT_THAT(under_test_->TakeOutcomes(), IsEmpty());
    const std::vector<ContactTask> tasks = source().Take("s", 10);
    ASSERT_THAT(tasks, SizeIs(1));
    source().GiveBack(tasks, Failure(absl::StrCat("failure ", i)));
    under_test_->PassGiveBackPause();
  }
  EXPECT_THAT(
      under_test_->TakeOutcomes(),
      ElementsAre(Pair("a", absl::StrCat("failure ", kMaxTaskAttempts))));
  EXPECT_THAT(source().Take("s", 10), IsEmpty());
}

TEST_P(WorkSourceContract, ATaskPutBackCountsNoAttemptAndKeepsItsOrder) {
  under_test_->Add({TaskFor("a"), TaskFor("b"), TaskFor("c")});
  for (int i = 0; i < 2 * kMaxTaskAttempts; ++i) {
    source().PutBack(source().Take("s", 2));
  }
  const std::vector<ContactTask> tasks = source().Take("s", 10);
  EXPECT_THAT(UsersOf(tasks), ElementsAre("a", "b", "c"));
  for (const ContactTask& task : tasks) EXPECT_EQ(task.attempts, 0);
}

TEST_P(WorkSourceContract, TheWakerIsCalledForNewAndReturnedWork) {
  int wakes = 0;
  source().SetWaker([&wakes](const NewWork&) { ++wakes; });
  EXPECT_EQ(wakes, 0);
  under_test_->Add({TaskFor("a")});
  EXPECT_THAT(wakes, Ge(1));
  for (const bool give : {false, true}) {
    std::vector<ContactTask> tasks = source().Take("s", 10);
    ASSERT_THAT(tasks, SizeIs(1));
    const int before = wakes;
    if (give) {
      source().GiveBack(std::move(tasks), Failure("429"));
    } else {
      source().PutBack(std::move(tasks));
    }
    EXPECT_GT(wakes, before);
  }
}

TEST_P(WorkSourceContract, TheWakerIsCalledAgainForWorkThatATakeLeaves) {
  int wakes = 0;
  source().SetWaker([&wakes](const NewWork&) { ++wakes; });
  under_test_->Add({TaskFor("a"), TaskFor("b"), TaskFor("c")});
  for (int left = 2; left > 0; --left) {
    const int before = wakes;
    ASSERT_THAT(source().Take("s", 1), SizeIs(1));
    EXPECT_GT(wakes, before) << left;
  }
  const int before = wakes;
  ASSERT_THAT(source().Take("s", 1), SizeIs(1));
  EXPECT_EQ(wakes, before);
}

TEST_P(WorkSourceContract, TheSessionThatAloneMayTakeATaskIsWoken) {
  std::vector<std::string> woken;
  source().SetWaker(
      [&woken](const NewWork& work) { woken.push_back(work.session); });
  ContactTask task = TaskFor("a");
  task.only_session = "second";
  under_test_->Add({task});
  EXPECT_THAT(woken, Contains("second"));
}

TEST_P(WorkSourceContract, ObservationsWithoutATaskArePassedOn) {
  Observation seen;
  seen.jid = "13105551234@s.whatsapp.net";
  source().Observe(std::move(seen));
  EXPECT_THAT(under_test_->news(), ElementsAre("13105551234@s.whatsapp.net"));
  EXPECT_THAT(under_test_->TakeOutcomes(), IsEmpty());
}

}  // namespace
}  // namespace portrait
