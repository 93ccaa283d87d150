// Tests which node of a cluster is active, with a real Kafka.
#include <atomic>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "core/cluster/log_message.h"
#include "core/cluster/testing/cluster_store_fixture.h"
#include "core/store/testing/test_observations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::cluster {
namespace {

using ::testing::HasSubstr;

// Longer than the tests may take, so that a takeover that waits for it fails.
constexpr absl::Duration kLongSession = absl::Minutes(10);

class ClusterRoleTest : public ClusterStoreTest {
 protected:
  ClusterRoleTest() { options_.session_timeout = kLongSession; }
};

TEST_F(ClusterRoleTest, ANodeThatStopsHandsOverAtOnce) {
  auto first = MustOpen("a");
  ASSERT_NE(first, nullptr);
  const auto second = MustOpenAs("n2", "b");
  ASSERT_NE(second, nullptr);
  EXPECT_FALSE(second->log().role().IsActive());
  std::atomic<int> calls = 0;
  second->log().role().SetListener([&] { ++calls; });
  first.reset();
  EXPECT_EQ(second->log().role().AwaitTerm(kTestDeadline), 1u);
  EXPECT_TRUE(Eventually([&] { return calls == 1; }));
  EXPECT_TRUE(Apply(*second, {Available(Jid(0), "7", 1)}).ok());
  // It comes back as a standby.
  first = MustOpenAs("n1", "a");
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(IdOf(*first, Jid(0)), "7");
  EXPECT_FALSE(first->log().role().IsActive());
  second->log().role().SetListener(nullptr);
}

TEST_F(ClusterRoleTest, ANodeThatHandsOverStandsByUntilItTakesPart) {
  const auto first = MustOpen("a");
  ASSERT_NE(first, nullptr);
  const auto second = MustOpenAs("n2", "b");
  ASSERT_NE(second, nullptr);
  ASSERT_TRUE(first->log().group().HandOver().ok());
  EXPECT_TRUE(first->log().role().AwaitEndOf(1, kTestDeadline));
  ASSERT_NE(second->log().role().AwaitTerm(kTestDeadline), 0u);
  ASSERT_TRUE(Apply(*second, {Available(Jid(0), "7", 1)}).ok());
  EXPECT_TRUE(Eventually([&] { return IdOf(*first, Jid(0)) == "7"; }));
  // Although there is no other node.
  ASSERT_TRUE(second->log().group().HandOver().ok());
  EXPECT_EQ(first->log().role().AwaitTerm(absl::Milliseconds(100)), 0u);
  first->log().group().TakePart();
  EXPECT_EQ(first->log().role().AwaitTerm(kTestDeadline), 2u);
}

TEST_F(ClusterRoleTest, NodesKnowEachOtherAndTheActiveOne) {
  const auto first = MustOpen("a");
  ASSERT_NE(first, nullptr);
  first->log().nodes().Announce({"10.0.0.1:1", "10.0.0.1:2", true});
  auto second = MustOpenAs("n2", "b");
  ASSERT_NE(second, nullptr);
  second->log().nodes().Announce({"10.0.0.2:1", "", false});
  ASSERT_TRUE(Eventually([&] {
    const auto active = second->log().nodes().Active();
    return active.has_value() && active->addresses.is_serving;
  }));
  EXPECT_EQ(second->log().nodes().Active()->name, "n1");
  EXPECT_EQ(second->log().nodes().Active()->addresses.grpc, "10.0.0.1:1");
  ASSERT_TRUE(
      Eventually([&] { return first->log().nodes().List().size() == 2; }));
  EXPECT_TRUE(first->log().nodes().List()[0].is_active);
  EXPECT_EQ(first->log().nodes().List()[1].name, "n2");
  // A node that stops leaves the table.
  second.reset();
  EXPECT_TRUE(
      Eventually([&] { return first->log().nodes().List().size() == 1; }));
}

TEST_F(ClusterRoleTest, AProcessWithTheNameOfADrainedNodeIsRefused) {
  const auto first = MustOpen("a");
  ASSERT_NE(first, nullptr);
  // It is not in the group any more, but still a node.
  ASSERT_TRUE(first->log().group().HandOver().ok());
  const auto twin = Open(options_, "b");
  if (twin.ok()) {
    EXPECT_TRUE(Eventually([&] { return !(*twin)->log().Health().ok(); }));
  }
  const absl::Status health =
      twin.ok() ? (*twin)->log().Health() : twin.status();
  EXPECT_THAT(health.message(), HasSubstr("another node of this name"));
  EXPECT_TRUE(first->log().Health().ok());
}

TEST_F(ClusterRoleTest, AWriteThatTheLogDoesNotConfirmEndsNoTerm) {
  options_.write_timeout = absl::Seconds(1);
  const auto store = MustOpen("a");
  ASSERT_NE(store, nullptr);
  KafkaEnvironment& kafka = KafkaEnvironment::Get();
  for (const char* broker : kBrokers) kafka.Do(absl::StrCat("pause ", broker));
  const absl::Status status = Apply(*store, {Available(Jid(0), "7", 1)});
  for (const char* broker : kBrokers) kafka.Do(absl::StrCat("resume ", broker));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(Eventually(
      [&] { return Apply(*store, {Available(Jid(0), "7", 1)}).ok(); }));
  EXPECT_EQ(store->log().role().term(), 1u);
}

}  // namespace
}  // namespace portrait::cluster
