#include "core/lookup/scheduler.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/lookup/lookup_results.h"
#include "core/lookup/task.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class NullSink : public ResultSink {
 public:
  void OnResults(LookupResults) override {}
};

struct Asked {
  std::string user;
  std::string tenant = "acme";
  bool urgent = false;
  std::string session = "";
  ContactKind kind = ContactKind::kPhoneNumber;
  UrlNeed full_url = UrlNeed::kAlways;
  std::string existing_id = "";
  absl::Time deadline = absl::InfiniteFuture();
};

class SchedulerTest : public testing::Test {
 protected:
  static constexpr absl::Duration kPause = absl::Milliseconds(500);

  Scheduler::Request MakeRequest(const Asked& asked) {
    auto request = std::make_shared<LookupRequest>();
    request->tenant = asked.tenant;
    request->urgent = asked.urgent;
    request->session = asked.session;
    auto call = std::make_shared<LookupCall>();
    call->request = request;
    call->sink = sink_;
    call->deadline = asked.deadline;
    Scheduler::Request made;
    made.task.contact.jid = {.user = asked.user,
                             .server = whatsapp::kUserServer};
    made.task.contact.kind = asked.kind;
    made.task.only_session = asked.session;
    made.task.full_url = asked.full_url;
    made.task.existing_id = asked.existing_id;
    made.waiter = {.call = call, .tag = ++last_tag_};
    return made;
  }

  void Submit(std::vector<Asked> all) {
    std::vector<Scheduler::Request> requests;
    for (const Asked& asked : all) requests.push_back(MakeRequest(asked));
    EXPECT_THAT(scheduler_->Submit(std::move(requests)), IsEmpty());
  }
  void SubmitMany(const Asked& like, int count) {
    std::vector<Asked> all;
    for (int i = 0; i < count; ++i) {
      all.push_back(like);
      all.back().user = absl::StrCat(like.user, i);
    }
    Submit(std::move(all));
  }

  std::vector<ContactTask> Take(size_t max, const std::string& session = "s") {
    return scheduler_->Take(session, max);
  }
  std::vector<std::string> TakeUsers(size_t max,
                                     const std::string& session = "s") {
    return UsersOf(Take(max, session));
  }
  static std::vector<std::string> UsersOf(
      const std::vector<ContactTask>& tasks) {
    std::vector<std::string> users;
    for (const ContactTask& task : tasks)
      users.push_back(task.contact.jid.user);
    return users;
  }
  // The number of users for each first letter.
  static std::map<char, int> CountByLetter(
      const std::vector<std::string>& users) {
    std::map<char, int> counts;
    for (const std::string& user : users) ++counts[user[0]];
    return counts;
  }
  std::vector<uint64_t> FinishTags(uint64_t task_id) {
    std::vector<uint64_t> tags;
    std::vector<TaskResult> results;
    results.push_back({task_id, LookupFailure{}});
    scheduler_->Complete(std::move(results));
    for (const CompletedTask& completed : scheduler_->completed().Pop(1)) {
      for (const Waiter& waiter : completed.waiters) tags.push_back(waiter.tag);
    }
    return tags;
  }

  ManualClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  std::unique_ptr<Scheduler> scheduler_ = std::make_unique<Scheduler>(
      SchedulerOptions{.give_back_pause = kPause, .clock = clock_.clock()});
  std::shared_ptr<ResultSink> sink_ = std::make_shared<NullSink>();
  uint64_t last_tag_ = 0;
};

// ---- sharing ---------------------------------------------------------------

TEST_F(SchedulerTest, IdenticalContactsShareOneTask) {
  Submit({{.user = "a"}, {.user = "b"}, {.user = "a"}});
  Submit({{.user = "a", .tenant = "zeta"}});
  const std::vector<ContactTask> tasks = Take(10);
  ASSERT_THAT(UsersOf(tasks), ElementsAre("a", "b"));
  EXPECT_THAT(FinishTags(tasks[0].id), ElementsAre(1, 3, 4));
  EXPECT_THAT(FinishTags(tasks[0].id), IsEmpty());
  EXPECT_THAT(FinishTags(tasks[1].id), ElementsAre(2));
  EXPECT_EQ(scheduler_->depth().queued + scheduler_->depth().in_flight, 0u);
}

TEST_F(SchedulerTest, TheSameContactThroughAnotherSessionIsAnotherTask) {
  Submit({{.user = "a"}, {.user = "a", .session = "s"}});
  EXPECT_THAT(Take(10), SizeIs(2));
}

TEST_F(SchedulerTest, AQueuedTaskIsWidenedToServeAll) {
  Submit({{.user = "a", .full_url = UrlNeed::kNo, .existing_id = "1"},
          {.user = "a", .full_url = UrlNeed::kIfIdChanged, .existing_id = "2"},
          {.user = "a", .full_url = UrlNeed::kNo}});
  const std::vector<ContactTask> tasks = Take(10);
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_EQ(tasks[0].full_url, UrlNeed::kIfIdChanged);
  EXPECT_EQ(tasks[0].existing_id, "2");
}

TEST_F(SchedulerTest, ATaskInFlightIsJoinedIfItsAnswerSuffices) {
  Submit({{.user = "a", .full_url = UrlNeed::kIfIdChanged}});
  const std::vector<ContactTask> first = Take(10);
  Submit({{.user = "a", .full_url = UrlNeed::kNo}});
  EXPECT_THAT(Take(10), IsEmpty());
  Submit({{.user = "a", .full_url = UrlNeed::kAlways}});
  const std::vector<ContactTask> second = Take(10);
  ASSERT_THAT(second, SizeIs(1));
  // Further requests join the later task.
  Submit({{.user = "a", .full_url = UrlNeed::kAlways}});
  EXPECT_THAT(FinishTags(first[0].id), ElementsAre(1, 2));
  EXPECT_THAT(FinishTags(second[0].id), ElementsAre(3, 4));
}

TEST_F(SchedulerTest, AnUrgentRequestDoesNotWaitForBulkInASessionsHand) {
  Submit({{.user = "a"}});
  EXPECT_THAT(Take(10), SizeIs(1));
  Submit({{.user = "a", .urgent = true}});
  const std::vector<ContactTask> urgent = Take(10);
  ASSERT_THAT(urgent, SizeIs(1));
  EXPECT_TRUE(urgent[0].urgent);
  Submit({{.user = "a"}, {.user = "a", .urgent = true}});
  EXPECT_THAT(Take(10), IsEmpty());
  EXPECT_THAT(FinishTags(urgent[0].id), ElementsAre(2, 3, 4));
}

ContactTask Needs(UrlNeed full_url, UrlNeed preview_url = UrlNeed::kNo,
                  const std::string& existing_id = "") {
  ContactTask task;
  task.full_url = full_url;
  task.preview_url = preview_url;
  task.existing_id = existing_id;
  return task;
}

TEST(TaskTest, ATaskCoversOnlyTheDataOfItsAnswer) {
  constexpr UrlNeed kNo = UrlNeed::kNo, kIfIdChanged = UrlNeed::kIfIdChanged,
                    kAlways = UrlNeed::kAlways;
  const struct {
    ContactTask has, needs;
    bool covers;
  } kCases[] = {
      {Needs(kNo), Needs(kNo), true},
      {Needs(kNo), Needs(kIfIdChanged), false},
      {Needs(kIfIdChanged), Needs(kAlways), false},
      {Needs(kAlways), Needs(kNo, kAlways), false},
      {Needs(kAlways, kNo, "1"), Needs(kAlways), false},
      {Needs(kAlways, kNo, "1"), Needs(kAlways, kNo, "1"), true},
      {Needs(kAlways, kNo, "1"), Needs(kNo), true},
      {Needs(kAlways), Needs(kAlways, kNo, "1"), true},
  };
  for (const auto& c : kCases) EXPECT_EQ(Covers(c.has, c.needs), c.covers);
}

TEST(TaskTest, AWidenedTaskCoversBoth) {
  const UrlNeed kNeeds[] = {UrlNeed::kNo, UrlNeed::kIfIdChanged,
                            UrlNeed::kAlways};
  for (const UrlNeed full : kNeeds) {
    for (const UrlNeed preview : kNeeds) {
      for (const char* existing_id : {"", "1", "2"}) {
        const ContactTask more = Needs(full, UrlNeed::kNo, existing_id);
        const ContactTask was = Needs(UrlNeed::kNo, preview, "1");
        ContactTask task = was;
        Widen(more, &task);
        EXPECT_TRUE(Covers(task, more));
        EXPECT_TRUE(Covers(task, was));
      }
    }
  }
}

TEST(TaskTest, AnotherStoredIdMakesAUrlNeedUnconditional) {
  ContactTask task = Needs(UrlNeed::kIfIdChanged);
  task.stored_id = "1";
  ContactTask more;
  more.stored_id = "2";
  Widen(more, &task);
  EXPECT_EQ(task.full_url, UrlNeed::kAlways);
  EXPECT_EQ(task.stored_id, "2");
}

// ---- order of turns --------------------------------------------------------

TEST_F(SchedulerTest, TenantsGetEqualSharesWhateverTheyHaveQueued) {
  SubmitMany({.user = "a", .tenant = "large"}, 1000);
  SubmitMany({.user = "b", .tenant = "middle"}, 30);
  SubmitMany({.user = "c", .tenant = "small"}, 5);
  EXPECT_THAT(CountByLetter(TakeUsers(30)),
              UnorderedElementsAre(std::pair('a', 13), std::pair('b', 12),
                                   std::pair('c', 5)));
  EXPECT_THAT(CountByLetter(TakeUsers(30)),
              UnorderedElementsAre(std::pair('a', 15), std::pair('b', 15)));
  EXPECT_THAT(CountByLetter(TakeUsers(30)),
              UnorderedElementsAre(std::pair('a', 27), std::pair('b', 3)));
}

TEST_F(SchedulerTest, SmallTakesGoRoundAllTenants) {
  for (const char letter : {'a', 'b', 'c', 'd'}) {
    SubmitMany(
        {.user = std::string(1, letter), .tenant = std::string(1, letter)}, 10);
  }
  std::vector<std::string> users;
  for (int i = 0; i < 8; ++i) users.push_back(TakeUsers(1).front());
  EXPECT_THAT(users,
              ElementsAre("a0", "b0", "c0", "d0", "a1", "b1", "c1", "d1"));
}

TEST_F(SchedulerTest, ASharedTaskComesWithTheFirstTenantsTurn) {
  SubmitMany({.user = "a", .tenant = "large"}, 1000);
  Submit({{.user = "a999", .tenant = "small"}});
  const std::vector<ContactTask> tasks = Take(2);
  ASSERT_THAT(UsersOf(tasks), ElementsAre("a0", "a999"));
  EXPECT_THAT(FinishTags(tasks[1].id), ElementsAre(1000, 1001));
  EXPECT_THAT(Take(2000), SizeIs(998));
}

TEST_F(SchedulerTest, UrgentTasksGoFirstAndBulkKeepsAnEighth) {
  SubmitMany({.user = "b"}, 100);
  SubmitMany({.user = "u", .urgent = true}, 100);
  const std::vector<std::string> users = TakeUsers(40);
  EXPECT_THAT(CountByLetter(users),
              UnorderedElementsAre(std::pair('u', 35), std::pair('b', 5)));
  EXPECT_EQ(users.front()[0], 'u');
  EXPECT_THAT(TakeUsers(500), SizeIs(160));
}

TEST_F(SchedulerTest, BulkIsNotStarvedByUrgentTasksTakenOneByOne) {
  SubmitMany({.user = "b"}, 100);
  SubmitMany({.user = "u", .urgent = true}, 100);
  std::vector<std::string> users;
  for (int i = 0; i < 90; ++i) users.push_back(TakeUsers(1).front());
  EXPECT_THAT(CountByLetter(users),
              UnorderedElementsAre(std::pair('u', 79), std::pair('b', 11)));
}

TEST_F(SchedulerTest, BulkOfAnotherKindIsNotStarvedByUrgentTasks) {
  SubmitMany({.user = "b", .kind = ContactKind::kGroup}, 10);
  SubmitMany({.user = "u", .urgent = true}, 1000);
  int bulk = 0;
  for (int i = 0; i < 20; ++i) bulk += CountByLetter(TakeUsers(10))['b'];
  EXPECT_EQ(bulk, 10);
}

TEST_F(SchedulerTest, TakeUrgentLeavesBulkAlone) {
  SubmitMany({.user = "b"}, 10);
  Submit({{.user = "u", .urgent = true}});
  EXPECT_THAT(UsersOf(scheduler_->TakeUrgent("s", 10)), ElementsAre("u"));
  EXPECT_THAT(scheduler_->TakeUrgent("s", 10), IsEmpty());
  EXPECT_THAT(Take(20), SizeIs(10));
}

TEST_F(SchedulerTest, AnUrgentRequestTakesQueuedBulkWithIt) {
  SubmitMany({.user = "b"}, 10);
  Submit({{.user = "b7", .urgent = true}});
  EXPECT_THAT(UsersOf(scheduler_->TakeUrgent("s", 10)), ElementsAre("b7"));
  EXPECT_THAT(Take(20), SizeIs(9));
}

TEST_F(SchedulerTest, ABatchHasTheKindOfTheOldestTask) {
  Submit({{.user = "l0", .kind = ContactKind::kLid},
          {.user = "p0"},
          {.user = "g0", .kind = ContactKind::kGroup},
          {.user = "l1", .kind = ContactKind::kLid},
          {.user = "p1"}});
  EXPECT_THAT(TakeUsers(10), ElementsAre("l0", "l1"));
  EXPECT_THAT(TakeUsers(10), ElementsAre("p0", "p1"));
  EXPECT_THAT(TakeUsers(10), ElementsAre("g0"));
  EXPECT_THAT(TakeUsers(10), IsEmpty());
}

TEST_F(SchedulerTest, OnlyTheNamedSessionGetsTheTask) {
  Submit({{.user = "a", .session = "second"}, {.user = "b"}});
  EXPECT_THAT(TakeUsers(10, "first"), ElementsAre("b"));
  EXPECT_THAT(TakeUsers(10, "first"), IsEmpty());
  EXPECT_THAT(scheduler_->SessionsWaitedFor(), ElementsAre("second"));
  EXPECT_THAT(TakeUsers(10, "second"), ElementsAre("a"));
  EXPECT_THAT(scheduler_->SessionsWaitedFor(), IsEmpty());
}

// ---- given back ------------------------------------------------------------

TEST_F(SchedulerTest, AReturnedTaskIsAvailableToOtherSessionsAtOnce) {
  Submit({{.user = "a"}});
  scheduler_->GiveBack(Take(1, "first"), {});
  EXPECT_THAT(Take(1, "first"), IsEmpty());
  const std::vector<ContactTask> tasks = Take(1, "second");
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_EQ(tasks[0].attempts, 1);
  scheduler_->GiveBack(tasks, {});
  EXPECT_THAT(Take(1, "second"), IsEmpty());
  clock_.Advance(2 * kPause);  // doubled at the second time
  EXPECT_THAT(Take(1, "second"), SizeIs(1));
}

TEST_F(SchedulerTest, ATaskFailsWithTheLastReasonAfterItsAttempts) {
  Submit({{.user = "a"}});
  for (int i = 1; i <= kMaxTaskAttempts; ++i) {
    EXPECT_EQ(scheduler_->completed().size(), 0u);
    LookupFailure why;
    why.message = absl::StrCat("failure ", i);
    scheduler_->GiveBack(Take(1), why);
    clock_.Advance(absl::Minutes(1));
  }
  EXPECT_THAT(Take(1), IsEmpty());
  const std::vector<CompletedTask> failed = scheduler_->completed().Pop(10);
  ASSERT_THAT(failed, SizeIs(1));
  EXPECT_EQ(std::get<LookupFailure>(failed[0].outcome).message,
            absl::StrCat("failure ", kMaxTaskAttempts));
  ASSERT_THAT(failed[0].waiters, SizeIs(1));
  EXPECT_EQ(failed[0].waiters[0].tag, 1u);
}

TEST_F(SchedulerTest, ATaskPutBackIsNextForAnySession) {
  SubmitMany({.user = "a"}, 6);
  scheduler_->PutBack(Take(4));
  const std::vector<ContactTask> tasks = Take(6);
  EXPECT_THAT(UsersOf(tasks), ElementsAre("a0", "a1", "a2", "a3", "a4", "a5"));
  EXPECT_EQ(tasks[0].attempts, 0);
}

TEST_F(SchedulerTest, AReturnedTaskJoinsAWiderTask) {
  Submit({{.user = "a", .full_url = UrlNeed::kNo}});
  const std::vector<ContactTask> first = Take(1, "first");
  Submit({{.user = "a", .tenant = "zeta", .full_url = UrlNeed::kAlways}});
  scheduler_->GiveBack(first, {});
  const std::vector<ContactTask> both = Take(9, "second");
  ASSERT_THAT(both, SizeIs(1));
  EXPECT_EQ(both[0].attempts, 1);
  EXPECT_EQ(both[0].full_url, UrlNeed::kAlways);
  EXPECT_THAT(FinishTags(both[0].id), UnorderedElementsAre(1, 2));
  EXPECT_EQ(scheduler_->depth().in_flight, 0u);
}

// ---- waiting callers -------------------------------------------------------

TEST_F(SchedulerTest, TasksWithoutWaitersAreNotTaken) {
  SubmitMany({.user = "l", .kind = ContactKind::kLid}, 3);
  sink_ = std::make_shared<NullSink>();  // destroys the previous sink
  Submit({{.user = "a"}});
  EXPECT_THAT(TakeUsers(10), ElementsAre("a"));
  EXPECT_EQ(scheduler_->depth().queued, 0u);
}

TEST_F(SchedulerTest, SweepDropsQueuedTasksWithoutWaiters) {
  SubmitMany({.user = "a"}, 3);
  const std::vector<ContactTask> taken = Take(1);
  sink_ = nullptr;
  EXPECT_THAT(scheduler_->Sweep(), IsEmpty());
  EXPECT_EQ(scheduler_->depth().queued, 0u);
  EXPECT_EQ(scheduler_->depth().in_flight, 1u);
  scheduler_->GiveBack(taken, {});
  EXPECT_EQ(scheduler_->depth().in_flight, 0u);
  EXPECT_THAT(Take(9, "other"), IsEmpty());
}

TEST_F(SchedulerTest, SweepRemovesWaitersPastTheirDeadline) {
  const absl::Time soon = clock_.Now() + absl::Seconds(1);
  Submit({{.user = "a", .urgent = true, .deadline = soon}});
  ASSERT_THAT(Take(1), SizeIs(1));
  Submit({{.user = "b", .urgent = true, .deadline = soon}, {.user = "b"}});
  EXPECT_THAT(scheduler_->Sweep(), IsEmpty());
  clock_.Advance(absl::Seconds(1));
  std::map<uint64_t, bool> expired;
  for (const Scheduler::Expired& each : scheduler_->Sweep()) {
    expired[each.waiter.tag] = each.asked;
  }
  EXPECT_THAT(expired,
              UnorderedElementsAre(std::pair(1, true), std::pair(2, false)));
  const std::vector<ContactTask> b = Take(1);
  ASSERT_THAT(b, SizeIs(1));
  EXPECT_THAT(FinishTags(b[0].id), ElementsAre(3));
}

TEST_F(SchedulerTest, RemovesQueuedTasksThatMatch) {
  Submit({{.user = "a", .session = "x"}, {.user = "b"}, {.user = "c"}});
  ASSERT_THAT(TakeUsers(1), ElementsAre("b"));
  const std::vector<Waiter> out = scheduler_->TakeOutQueued(
      [](const ContactTask& task) { return task.only_session == "x"; });
  ASSERT_THAT(out, SizeIs(1));
  EXPECT_EQ(out[0].tag, 1u);
  EXPECT_EQ(scheduler_->depth().queued, 1u);
  EXPECT_EQ(scheduler_->depth().in_flight, 1u);
}

TEST_F(SchedulerTest, CloseReturnsAllWaitersAndRefusesNewOnes) {
  Submit({{.user = "a"}, {.user = "b"}});
  const std::vector<ContactTask> taken = Take(1);
  EXPECT_THAT(scheduler_->Close(), SizeIs(2));
  std::vector<Scheduler::Request> late;
  late.push_back(MakeRequest({.user = "c"}));
  EXPECT_THAT(scheduler_->Submit(std::move(late)), SizeIs(1));
  scheduler_->GiveBack(taken, {});
  EXPECT_THAT(FinishTags(taken[0].id), IsEmpty());
  EXPECT_THAT(Take(1), IsEmpty());
}

TEST_F(SchedulerTest, WakesOnceUntilASessionComes) {
  int wakes = 0;
  scheduler_->SetWaker([&](const NewWork&) { ++wakes; });
  SubmitMany({.user = "a"}, 1000);
  SubmitMany({.user = "b"}, 1000);
  EXPECT_EQ(wakes, 1);
  Take(1);  // a second wake for the tasks that were left
  EXPECT_EQ(wakes, 2);
  Submit({{.user = "c"}});
  EXPECT_EQ(wakes, 2);
  scheduler_->Sweep();  // wakes again while there is work
  EXPECT_EQ(wakes, 3);
  Take(5000);
  scheduler_->Sweep();
  EXPECT_EQ(wakes, 3);
}

TEST_F(SchedulerTest, ReportsTheNumberAndAgeOfQueuedTasks) {
  Submit({{.user = "a"}});
  clock_.Advance(absl::Seconds(3));
  Submit({{.user = "b", .urgent = true}});
  EXPECT_EQ(scheduler_->depth().queued, 2u);
  EXPECT_EQ(scheduler_->depth().oldest, absl::Seconds(3));
  Take(2);
  EXPECT_EQ(scheduler_->depth().in_flight, 2u);
  EXPECT_EQ(scheduler_->depth().oldest, absl::ZeroDuration());
}

TEST_F(SchedulerTest, ObservationsWithoutAQueryAreCompletedAsTaskZero) {
  scheduler_->Observe(Observation());
  const std::vector<CompletedTask> completed = scheduler_->completed().Pop(10);
  ASSERT_THAT(completed, SizeIs(1));
  EXPECT_EQ(completed[0].task.id, 0u);
}

TEST(CompletionQueueTest, ObservationsWithoutATaskAreDroppedBeyondALimit) {
  CompletionQueue queue;
  for (int i = 0; i < 30; ++i) {
    queue.Push(std::vector<CompletedTask>(1000));
  }
  EXPECT_EQ(queue.size(), 10'000u);
  std::vector<CompletedTask> asked_for(1);
  asked_for[0].task.id = 1;
  queue.Push(std::move(asked_for));
  EXPECT_EQ(queue.size(), 10'001u);
  EXPECT_THAT(queue.Pop(500), SizeIs(500));
  queue.Push(std::vector<CompletedTask>(1000));
  EXPECT_EQ(queue.size(), 10'001u);
}

TEST(CompletionQueueTest, AfterCloseItIsDrainedAndTakesNoMore) {
  CompletionQueue queue;
  queue.Push(std::vector<CompletedTask>(1));
  queue.Close();
  queue.Push(std::vector<CompletedTask>(1));
  EXPECT_THAT(queue.Pop(10), SizeIs(1));
  EXPECT_THAT(queue.Pop(10), IsEmpty());
}

}  // namespace
}  // namespace portrait
