// Tests lookups during faults: no result is lost, and WhatsApp gets no extra
// queries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "core/session/testing/session_pool_test_fixture.h"

namespace portrait {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint64_t kFirst = 491711230000;
constexpr char kAda[] = "+15551230001";
constexpr char kBob[] = "+15551230002";

class SessionFaultsTest : public SessionPoolTest {
 protected:
  void ExpectAllRight(size_t count) {
    const auto seen = work_.observations();
    EXPECT_THAT(seen, SizeIs(count));
    EXPECT_THAT(work_.failures(), IsEmpty());
    for (const auto& [jid, observation] : seen) {
      SCOPED_TRACE(jid);
      ExpectRight(observation.phone_number, observation);
    }
  }
};

TEST_F(SessionFaultsTest, SlowsDownAtARateLimitAndRecovers) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  sim::v1::SetFaultsRequest faults;
  faults.set_rate_limit_per_session(40);
  SetFaults(faults);
  work_.Add(TasksFor(kFirst, 300, UrlNeed::kAlways));
  v1::Session throttled;
  EXPECT_TRUE(WaitFor([&] {
    throttled = *pool_->Get("ada");
    return throttled.state() == v1::SESSION_STATE_THROTTLED;
  }));
  EXPECT_TRUE(throttled.has_resume_time());
  EXPECT_GT(throttled.lookups_per_second_limit(), 0);
  ASSERT_TRUE(work_.WaitUntilDone());
  ExpectAllRight(300);
  EXPECT_GT(work_.reasons()[v1::ERROR_REASON_RATE_LIMITED], 0);
  const auto stats = Stats();
  // Only a window or two of queries were refused, not every query.
  EXPECT_LT(stats.rate_limited(), 80u);
  WaitForState("ada", v1::SESSION_STATE_READY);
}

TEST_F(SessionFaultsTest, GivesWorkOfALostConnectionToOthersAndFinishes) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  Pair("bob", kBob);
  sim::v1::SetFaultsRequest faults;
  faults.mutable_latency()->set_nanos(20'000'000);
  SetFaults(faults);
  work_.Add(TasksFor(kFirst, 1000, UrlNeed::kAlways));
  ASSERT_TRUE(WaitFor([&] { return Stats().picture_queries() > 100; }));
  ASSERT_TRUE(simulator_->control().UnlinkDevice(kAda).ok());
  WaitForState("ada", v1::SESSION_STATE_LOGGED_OUT);
  ASSERT_TRUE(work_.WaitUntilDone());
  ExpectAllRight(1000);
  EXPECT_GT(work_.given_back() + work_.put_back(), 0u);
  EXPECT_EQ(pool_->Get("ada")->in_flight(), 0u);
}

TEST_F(SessionFaultsTest, FinishesThroughDisconnects) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  Pair("bob", kBob);
  sim::v1::SetFaultsRequest faults;
  faults.mutable_latency()->set_nanos(5'000'000);
  SetFaults(faults);
  work_.Add(TasksFor(kFirst, 1000, UrlNeed::kAlways));
  for (const uint64_t queries : {100, 250, 400}) {
    ASSERT_TRUE(WaitFor([&] { return Stats().picture_queries() > queries; }));
    ASSERT_TRUE(simulator_->control().Disconnect("", "").ok());
  }
  ASSERT_TRUE(work_.WaitUntilDone());
  ExpectAllRight(1000);
}

TEST_F(SessionFaultsTest, RepeatsDroppedAndRefusedQueries) {
  options_.connection.request_timeout = absl::Milliseconds(500);
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  sim::v1::SetFaultsRequest faults;
  faults.set_drop_probability(0.03);
  faults.set_error_probability(0.03);
  SetFaults(faults);
  work_.Add(TasksFor(kFirst, 500, UrlNeed::kAlways));
  ASSERT_TRUE(work_.WaitUntilDone());
  EXPECT_THAT(work_.observations().size() + work_.failures().size(), 500u);
  EXPECT_LE(work_.failures().size(), 3u);
  EXPECT_GT(work_.reasons()[v1::ERROR_REASON_UPSTREAM_TIMEOUT], 0);
  EXPECT_GT(work_.reasons()[v1::ERROR_REASON_UPSTREAM_ERROR], 0);
}

TEST_F(SessionFaultsTest, SurvivesAnswersThatCannotBeRead) {
  options_.connection.request_timeout = absl::Milliseconds(500);
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  sim::v1::SetFaultsRequest faults;
  faults.set_malformed_probability(0.02);
  SetFaults(faults);
  work_.Add(TasksFor(kFirst, 300, UrlNeed::kAlways));
  ASSERT_TRUE(work_.WaitUntilDone());
  EXPECT_THAT(work_.observations().size() + work_.failures().size(), 300u);
  EXPECT_GT(work_.observations().size(), 250u);
  SetFaults({});
  WaitForState("ada", v1::SESSION_STATE_READY);
}

TEST_F(SessionFaultsTest, UsesSmallerBatchesIfLargeOnesAreRefused) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  sim::v1::SetFaultsRequest faults;
  faults.set_usync_users_limit(20);
  SetFaults(faults);
  work_.Add(TasksFor(kFirst, 300, UrlNeed::kNo));
  ASSERT_TRUE(work_.WaitUntilDone());
  ExpectAllRight(300);
  EXPECT_EQ(work_.given_back(), 0u);
}

TEST_F(SessionFaultsTest, GivesEverythingBackWhenStopped) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  sim::v1::SetFaultsRequest faults;
  faults.mutable_latency()->set_seconds(20);
  SetFaults(faults);
  work_.Add(TasksFor(kFirst, 500, UrlNeed::kAlways));
  ASSERT_TRUE(WaitFor([&] { return Stats().usync_queries() > 0; }));
  StopPool();
  EXPECT_FALSE(work_.WaitUntilDone(absl::ZeroDuration()));
  EXPECT_THAT(work_.Take("anyone", 1000), SizeIs(500));
}

}  // namespace
}  // namespace portrait
