// Tests events of a session's account other than queries.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "core/base/clock.h"
#include "core/session/testing/session_pool_test_fixture.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kAda[] = "+15551230001";

class SessionLifeTest : public SessionPoolTest {
 protected:
  void RefuseLogins(uint32_t reason, absl::Duration expire) {
    sim::v1::RefuseLoginsRequest request;
    request.set_phone_number(kAda);
    request.set_count(1);
    request.set_reason(reason);
    if (reason == 402) request.set_code(101);
    if (expire > absl::ZeroDuration()) {
      request.mutable_expire()->set_seconds(absl::ToInt64Seconds(expire));
    }
    ASSERT_TRUE(simulator_->control().RefuseLogins(request).ok());
    ASSERT_TRUE(simulator_->control().Disconnect(kAda, "").ok());
  }

  void Deliver(const std::string& tag, const std::string& recipient,
               uint32_t count) {
    sim::v1::DeliverStanzasRequest request;
    request.set_phone_number(kAda);
    request.set_tag(tag);
    request.set_from("100875997589545@lid");
    request.set_participant("15557770001@s.whatsapp.net");
    request.set_recipient(recipient);
    request.set_count(count);
    ASSERT_TRUE(simulator_->control().DeliverStanzas(request).ok());
  }
};

// ---- refused logins --------------------------------------------------------

TEST_F(SessionLifeTest, ASessionWaitsForTheEndOfABan) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  RefuseLogins(402, absl::Hours(1));
  const v1::Session banned = WaitForState("ada", v1::SESSION_STATE_BANNED);
  EXPECT_THAT(banned.state_reason(), HasSubstr("failure 402 code 101"));
  const auto until = banned.resume_time().seconds();
  EXPECT_NEAR(until, absl::ToUnixSeconds(absl::Now() + absl::Hours(1)), 60);

  // A restarted pool also waits for the end of the ban.
  const uint64_t logins = Stats().logins();
  StopPool();
  StartPool();
  const v1::Session still = WaitForState("ada", v1::SESSION_STATE_BANNED);
  EXPECT_EQ(still.state_reason(), banned.state_reason());
  EXPECT_NEAR(still.resume_time().seconds(), until, 1);
  EXPECT_EQ(Stats().logins(), logins);
  // An operator may resume the account earlier.
  ASSERT_TRUE(pool_->Resume("ada").ok());
  WaitForState("ada", v1::SESSION_STATE_READY);
  StopPool();
  StartPool();
  WaitForState("ada", v1::SESSION_STATE_READY);
}

TEST_F(SessionLifeTest, ABanEndsByItself) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  RefuseLogins(402, absl::Seconds(1));
  WaitForState("ada", v1::SESSION_STATE_BANNED);
  WaitForState("ada", v1::SESSION_STATE_READY);
}

TEST_F(SessionLifeTest, AClockThatIsSetBackDoesNotLengthenABan) {
  ManualClock wall(absl::Now() + absl::Hours(2));
  options_.clocks.wall = wall.clock();
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  RefuseLogins(402, absl::Seconds(2));
  WaitForState("ada", v1::SESSION_STATE_BANNED);
  wall.Advance(-absl::Hours(2));
  const absl::Time now = wall.Now();
  const v1::Session banned = WaitForState("ada", v1::SESSION_STATE_BANNED);
  EXPECT_LE(banned.resume_time().seconds(), absl::ToUnixSeconds(now) + 2);
  EXPECT_LE(pool_->GetAvailability("").next_ready, now + absl::Seconds(4));
  EXPECT_LE(pool_->GetAvailability("ada").next_ready, now + absl::Seconds(4));
  WaitForState("ada", v1::SESSION_STATE_READY);
  StopPool();  // It must not outlive its clock.
}

TEST_F(SessionLifeTest, AClockThatIsSetBackBeforeARestartDoesNotLengthenABan) {
  ManualClock wall(absl::Now() + absl::Hours(2));
  options_.clocks.wall = wall.clock();
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  RefuseLogins(402, absl::Minutes(1));
  WaitForState("ada", v1::SESSION_STATE_BANNED);
  StopPool();
  wall.Advance(-absl::Hours(2));
  StartPool();
  const v1::Session banned = WaitForState("ada", v1::SESSION_STATE_BANNED);
  EXPECT_LE(banned.resume_time().seconds(),
            absl::ToUnixSeconds(wall.Now() + absl::Minutes(1)));
  StopPool();  // It must not outlive its clock.
}

TEST_F(SessionLifeTest, ALockedAccountWaitsForHelp) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  RefuseLogins(403, absl::ZeroDuration());
  const v1::Session locked = WaitForState("ada", v1::SESSION_STATE_BANNED);
  EXPECT_THAT(locked.state_reason(), HasSubstr("locked"));
  EXPECT_FALSE(locked.has_resume_time());
  EXPECT_EQ(pool_->GetAvailability("").linked, 0u);
}

TEST_F(SessionLifeTest, AnAccountIsLinkedOnce) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  const auto observer = std::make_shared<TestObserver>(simulator_.get(), "");
  ASSERT_TRUE(pool_->Pair({"again", ""}, observer).ok());
  ASSERT_TRUE(observer->WaitForCode());
  // The phone also receives the error that the account is linked already.
  EXPECT_TRUE(absl::IsAborted(
      simulator_->control().ScanQrCode(observer->code(), kAda).status()));
  const absl::Status status = observer->Wait().status();
  EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("session ada"));
  EXPECT_FALSE(pool_->Exists("again"));
  EXPECT_EQ(Stats().pairings(), 1u);
  EXPECT_THAT(simulator_->protocol_errors(), ElementsAre());
  // Once the phone has unlinked it, the account can be linked again.
  ASSERT_TRUE(simulator_->control().UnlinkDevice(kAda).ok());
  WaitForState("ada", v1::SESSION_STATE_LOGGED_OUT);
  Pair("anew", kAda);
}

// ---- queued stanzas --------------------------------------------------------

TEST_F(SessionLifeTest, FetchesAndAcksQueuedStanzasWithoutReceipts) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  StopPool();
  Deliver("message", "15551230001@s.whatsapp.net", 250);
  Deliver("receipt", "", 100);
  Deliver("notification", "", 100);
  Deliver("call", "", 1);
  EXPECT_EQ(Stats().unacknowledged_stanzas(), 451u);
  StartPool();
  EXPECT_TRUE(WaitFor([&] { return Stats().unacknowledged_stanzas() == 0; }));
  Deliver("message", "100875997589545@lid", 3);
  EXPECT_TRUE(WaitFor([&] { return Stats().unacknowledged_stanzas() == 0; }));
  EXPECT_EQ(Stats().noticeable_stanzas(), 0u);
  EXPECT_THAT(simulator_->protocol_errors(), ElementsAre());
}

TEST_F(SessionLifeTest, UploadsMorePrekeysWhenTheyRunLow) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  auto& control = simulator_->control();
  const auto left = [&] { return control.TakePrekeys(kAda, 0).value(); };
  ASSERT_EQ(left(), 812u);
  EXPECT_EQ(control.TakePrekeys(kAda, 810).value(), 2u);
  EXPECT_TRUE(WaitFor([&] { return left() >= 52; }));
  EXPECT_THAT(simulator_->protocol_errors(), ElementsAre());
}

TEST_F(SessionLifeTest, FinishesThoughTheServerRecyclesItsStreams) {
  sim::Simulator::Options options;
  options.habits.stream_life = absl::Milliseconds(300);
  StartSimulator(options);
  StartPool();
  Pair("ada", kAda);
  for (int i = 0; i < 4; ++i) {
    const uint64_t logins = Stats().logins();
    work_.Add(TasksFor(15557770000 + i * 1000, 200, UrlNeed::kNo));
    EXPECT_TRUE(work_.WaitUntilDone());
    EXPECT_TRUE(WaitFor([&] { return Stats().logins() > logins; }));
  }
  EXPECT_EQ(work_.observations().size(), 800u);
  EXPECT_THAT(simulator_->protocol_errors(), ElementsAre());
}

}  // namespace
}  // namespace portrait
