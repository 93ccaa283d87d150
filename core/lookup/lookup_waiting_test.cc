// Tests lookups that wait for sessions, for their deadline or during a
// shutdown.
#include <algorithm>
#include <string>
#include <thread>
#include <utility>

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

class LookupWaitingTest : public LookupTest {
 protected:
  LookupWaitingTest() {
    MakeEngine(*stores_.pictures, {.max_urgent_wait = absl::Seconds(30),
                                   .answer_lead = absl::ZeroDuration()});
  }

  std::shared_ptr<RecordingSink> Lookup(bool urgent, absl::Duration patience,
                                        const std::string& session = "") {
    LookupRequest request;
    request.urgent = urgent;
    request.deadline = clock_.Now() + patience;
    request.session = session;
    return LookupTest::Lookup({kNumber}, std::move(request));
  }
  std::shared_ptr<RecordingSink> LookupBulk(const std::string& session = "") {
    return Lookup(/*urgent=*/false, absl::InfiniteDuration(), session);
  }
  std::shared_ptr<RecordingSink> LookupUrgent(absl::Duration patience) {
    return Lookup(/*urgent=*/true, patience);
  }
  void WaitUntilQueued(size_t count) {
    const absl::Time give_up = absl::Now() + kTestDeadline;
    while (scheduler_->depth().queued != count && absl::Now() < give_up) {
      std::this_thread::yield();
    }
    ASSERT_EQ(scheduler_->depth().queued, count);
  }
  std::vector<ContactTask> TakeOne() {
    WaitUntilQueued(1);
    return scheduler_->Take("s", 1);
  }
  void Complete(const ContactTask& task) {
    LookupTest::Complete(task, Seen(task, "7", clock_.Now()));
  }
};

TEST_F(LookupWaitingTest, WithoutAnyAccountTheErrorSaysHowToLinkOne) {
  directory_.Set({});
  for (const auto& sink : {LookupBulk(), LookupUrgent(absl::Minutes(1))}) {
    const v1::LookupError error = sink->WaitForOne().error();
    EXPECT_EQ(error.reason(), v1::ERROR_REASON_NO_SESSION);
    EXPECT_THAT(error.message(), HasSubstr("portrait session pair"));
    EXPECT_FALSE(error.has_retry_after());
  }
}

TEST_F(LookupWaitingTest, ASessionThatIsNotLinkedIsNamed) {
  const v1::LookupError error = LookupBulk("unlinked")->WaitForOne().error();
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_NO_SESSION);
  EXPECT_THAT(error.message(), HasSubstr("unlinked"));
}

TEST_F(LookupWaitingTest, BulkFailsWhenTheLastAccountIsLoggedOut) {
  directory_.Set({.linked = 1});
  const auto sink = LookupBulk();
  WaitUntilQueued(1);
  EXPECT_THAT(sink->results(), IsEmpty());
  directory_.Set({});
  EXPECT_EQ(sink->WaitForOne().error().reason(), v1::ERROR_REASON_NO_SESSION);
}

TEST_F(LookupWaitingTest, AnUrgentLookupWaitsForASessionThatWillBeReady) {
  directory_.Set({.linked = 1, .next_ready = clock_.Now() + absl::Seconds(5)});
  const auto sink = LookupUrgent(absl::Seconds(10));
  const std::vector<ContactTask> tasks = TakeOne();
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_TRUE(tasks[0].urgent);
  Complete(tasks[0]);
  EXPECT_EQ(sink->WaitForOne().profile_picture().id(), "7");
}

TEST_F(LookupWaitingTest, AnUrgentLookupFailsAtOnceWhenNoneWillBeReady) {
  directory_.Set({.linked = 1, .next_ready = clock_.Now() + absl::Seconds(20)});
  v1::LookupError error = LookupUrgent(absl::Seconds(10))->WaitForOne().error();
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_EQ(error.retry_after().seconds(), 20);

  // This holds for a caller with any deadline.
  directory_.Set({.linked = 1, .next_ready = clock_.Now() + absl::Hours(1)});
  error = LookupUrgent(absl::Hours(2))->WaitForOne().error();
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_RATE_LIMITED);

  directory_.Set({.linked = 1});
  error = LookupUrgent(absl::Seconds(10))->WaitForOne().error();
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_NO_SESSION);
  EXPECT_THAT(error.message(), HasSubstr("connected"));
  EXPECT_TRUE(error.has_retry_after());
}

TEST_F(LookupWaitingTest, AtItsDeadlineAnUrgentLookupSaysWhatItWaitedFor) {
  // 1. A session asked, and WhatsApp does not answer.
  auto sink = LookupUrgent(absl::Seconds(10));
  const std::vector<ContactTask> tasks = TakeOne();
  clock_.Advance(absl::Seconds(10));
  EXPECT_EQ(sink->WaitForOne().error().reason(),
            v1::ERROR_REASON_UPSTREAM_TIMEOUT);
  Complete(tasks[0]);  // late, but still stored
  // 2. No session took the task.
  clock_.Advance(absl::Hours(48));
  sink = LookupUrgent(absl::Seconds(10));
  WaitUntilQueued(1);
  clock_.Advance(absl::Seconds(10));
  EXPECT_EQ(sink->WaitForOne().error().reason(), v1::ERROR_REASON_RATE_LIMITED);
  WaitUntilQueued(0);
}

TEST_F(LookupWaitingTest, DestroyingTheSinkCancelsTheWork) {
  directory_.Set({.linked = 1});
  auto sink = LookupBulk();
  WaitUntilQueued(1);
  sink.reset();
  WaitUntilQueued(0);
}

TEST_F(LookupWaitingTest, DrainAnswersUntakenBulkAtOnceAndWaitsForTheRest) {
  const auto taken = LookupBulk();
  const std::vector<ContactTask> tasks = TakeOne();
  ASSERT_THAT(tasks, SizeIs(1));
  const auto queued = LookupBulk("s");
  WaitUntilQueued(1);
  std::thread drainer([&] { engine_->Drain(kTestDeadline); });
  const v1::LookupError error = queued->WaitForOne().error();
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_SHUTTING_DOWN);
  EXPECT_TRUE(error.has_retry_after());
  EXPECT_THAT(taken->results(), IsEmpty());
  Complete(tasks[0]);
  EXPECT_EQ(taken->WaitForOne().profile_picture().id(), "7");
  drainer.join();
  EXPECT_EQ(LookupBulk()->WaitForOne().error().reason(),
            v1::ERROR_REASON_SHUTTING_DOWN);
}

TEST_F(LookupWaitingTest, DrainGivesUpAfterItsTimeout) {
  const auto sink = LookupBulk();
  const std::vector<ContactTask> tasks = TakeOne();
  engine_->Drain(absl::Milliseconds(50));
  EXPECT_EQ(sink->WaitForOne().error().reason(),
            v1::ERROR_REASON_SHUTTING_DOWN);
  Complete(tasks[0]);  // too late; no sink gets a second result
  engine_.reset();
  EXPECT_THAT(sink->results(), SizeIs(1));
}

TEST_F(LookupWaitingTest, DestroyingTheEngineAnswersLookupsInFlight) {
  const auto queued = LookupBulk("s");
  WaitUntilQueued(1);
  const auto fresh = LookupBulk();
  engine_.reset();
  EXPECT_THAT(queued->results(), SizeIs(1));
  EXPECT_THAT(fresh->results(), SizeIs(1));
  // Sessions may outlive the engine.
  scheduler_->Observe(Observation());
  EXPECT_THAT(scheduler_->Take("s", 1), IsEmpty());
}

}  // namespace
}  // namespace portrait
