#include "core/cluster/node_table.h"

#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::cluster {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint64_t kOwnWriter = 1;
constexpr uint64_t kOtherWriter = 2;
constexpr uint64_t kThirdWriter = 3;

class NodeTableTest : public ::testing::Test {
 protected:
  absl::Status Hear(const std::string& name, uint64_t writer,
                    const std::string& address = "10.0.0.1:1",
                    bool is_new = true) {
    store::v1::LoggedNode message;
    message.set_address(address);
    message.set_lag(7);
    return table_.OnMessage(name, writer, &message, is_new);
  }

  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  NodeTable table_{"n1", "9.9", kOwnWriter, clock_.clock()};
};

TEST_F(NodeTableTest, ListsNodesAsTheyDescribeThemselves) {
  EXPECT_THAT(table_.List(), IsEmpty());
  ASSERT_TRUE(Hear("n2", kOtherWriter, "10.0.0.2:1").ok());
  table_.Announce({"10.0.0.1:1", "10.0.0.1:2", true});
  const store::v1::LoggedNode own = table_.OwnMessage(5, 0);
  ASSERT_TRUE(table_.OnMessage("n1", kOwnWriter, &own, true).ok());
  clock_.Advance(absl::Seconds(3));
  const auto nodes = table_.List();
  ASSERT_THAT(nodes, SizeIs(2));
  EXPECT_EQ(nodes[0].name, "n1");
  EXPECT_TRUE(nodes[0].is_here);
  EXPECT_EQ(nodes[0].version, "9.9");
  EXPECT_EQ(nodes[0].owned_partitions, 5u);
  EXPECT_EQ(nodes[0].addresses.http, "10.0.0.1:2");
  EXPECT_TRUE(nodes[0].addresses.is_serving);
  EXPECT_EQ(nodes[0].started_at, absl::FromUnixSeconds(1'700'000'000));
  EXPECT_FALSE(nodes[1].is_here);
  EXPECT_EQ(nodes[1].addresses.grpc, "10.0.0.2:1");
  EXPECT_EQ(nodes[1].lag, 7u);
  EXPECT_EQ(nodes[1].silence, absl::Seconds(3));
}

TEST_F(NodeTableTest, TheActiveNodeIsTheProcessWithTheNewestClaim) {
  EXPECT_FALSE(table_.Active().has_value());
  table_.OnClaim("n2", kOtherWriter);
  EXPECT_FALSE(table_.Active().has_value());
  // A message of the process that had the name before has an old address.
  ASSERT_TRUE(Hear("n2", kThirdWriter, "10.0.0.3:1").ok());
  EXPECT_FALSE(table_.Active().has_value());
  ASSERT_TRUE(Hear("n2", kOtherWriter, "").ok());
  EXPECT_FALSE(table_.Active().has_value());
  ASSERT_TRUE(Hear("n2", kOtherWriter, "10.0.0.2:1").ok());
  EXPECT_EQ(table_.Active()->addresses.grpc, "10.0.0.2:1");
}

TEST_F(NodeTableTest, ASilentNodeIsGoneAndOneThatStoppedHasLeft) {
  ASSERT_TRUE(Hear("n2", kOtherWriter).ok());
  // It was in the log when this node started, so it may be old.
  ASSERT_TRUE(Hear("n3", kThirdWriter, "10.0.0.3:1", /*is_new=*/false).ok());
  EXPECT_FALSE(table_.List()[0].is_gone);
  EXPECT_TRUE(table_.List()[1].is_gone);
  clock_.Advance(kNodeTimeout + absl::Seconds(1));
  EXPECT_TRUE(table_.List()[0].is_gone);
  ASSERT_TRUE(Hear("n2", kOtherWriter).ok());
  EXPECT_FALSE(table_.List()[0].is_gone);
  ASSERT_TRUE(table_.OnMessage("n2", kOtherWriter, nullptr, true).ok());
  ASSERT_THAT(table_.List(), SizeIs(1));
  EXPECT_EQ(table_.List()[0].name, "n3");
}

TEST_F(NodeTableTest, NewsAreToldOnce) {
  EXPECT_TRUE(table_.HasNews());
  (void)table_.OwnMessage(0, 0);
  EXPECT_FALSE(table_.HasNews());
  table_.Announce({"10.0.0.1:1", "", false});
  EXPECT_TRUE(table_.HasNews());
  (void)table_.OwnMessage(0, 0);
  table_.Announce({"10.0.0.1:1", "", false});
  EXPECT_FALSE(table_.HasNews());
}

TEST_F(NodeTableTest, TheLaterOfTwoProcessesWithOneNameIsRefused) {
  // Two earlier processes, of which the second has not ended.
  ASSERT_TRUE(Hear("n1", kThirdWriter).ok());
  ASSERT_TRUE(Hear("n1", kOtherWriter).ok());
  ASSERT_TRUE(Hear("n1", kOwnWriter).ok());
  const absl::Status twice = Hear("n1", kOtherWriter);
  EXPECT_EQ(twice.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(twice.message(), HasSubstr("another node of this name"));
}

TEST_F(NodeTableTest, TheEarlierOfTwoProcessesWithOneNameKeepsIt) {
  ASSERT_TRUE(Hear("n1", kOwnWriter, "10.0.0.1:1").ok());
  ASSERT_TRUE(Hear("n1", kOtherWriter, "10.0.0.9:1").ok());
  ASSERT_TRUE(table_.OnMessage("n1", kOtherWriter, nullptr, true).ok());
  ASSERT_THAT(table_.List(), SizeIs(1));
  EXPECT_EQ(table_.List()[0].addresses.grpc, "10.0.0.1:1");
}

}  // namespace
}  // namespace portrait::cluster
