// Tests accounts that reconnect with a cached key of the server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/session/testing/session_pool_test_fixture.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;

constexpr char kAda[] = "+15551230001";

class SessionResumeTest : public SessionPoolTest {
 protected:
  void Reconnect() {
    const uint64_t logins = Stats().logins();
    EXPECT_TRUE(simulator_->control().Disconnect(kAda, "").ok());
    EXPECT_TRUE(WaitFor([&] { return Stats().logins() > logins; }));
    WaitForState("ada", v1::SESSION_STATE_READY);
  }
  // Expects these numbers of connections by kind of handshake.
  void ExpectHandshakes(uint64_t full, uint64_t resumed, uint64_t fallback) {
    const sim::v1::GetStatsResponse stats = Stats();
    EXPECT_EQ(stats.full_handshakes(), full);
    EXPECT_EQ(stats.resumed_handshakes(), resumed);
    EXPECT_EQ(stats.fallback_handshakes(), fallback);
  }
};

TEST_F(SessionResumeTest, ConnectsAgainByTheShortHandshake) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  // The pairing's own connection, and the first login.
  ExpectHandshakes(2, 0, 0);
  Reconnect();
  ExpectHandshakes(2, 1, 0);

  // The cached key outlasts the process.
  StopPool();
  EXPECT_TRUE(WaitFor([&] { return Stats().connections() == 0; }));
  StartPool();
  WaitForState("ada", v1::SESSION_STATE_READY);
  ExpectHandshakes(2, 2, 0);
  EXPECT_THAT(simulator_->protocol_errors(), ElementsAre());
}

TEST_F(SessionResumeTest, FollowsTheServerToAnotherKey) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  simulator_->control().RotateServerKey();
  Reconnect();
  ExpectHandshakes(2, 0, 1);
  Reconnect();
  ExpectHandshakes(2, 1, 1);
  EXPECT_THAT(simulator_->protocol_errors(), ElementsAre());
}

TEST_F(SessionResumeTest, RunsTheFullHandshakeIfConfigured) {
  options_.connection.resume = false;
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  Reconnect();
  ExpectHandshakes(3, 0, 0);
}

}  // namespace
}  // namespace portrait
