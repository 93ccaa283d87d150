#include "server/cluster_calls.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

cluster::ClusterNode MakeNode(const std::string& name) {
  cluster::ClusterNode node;
  node.name = name;
  node.version = "1.2.3";
  node.addresses.grpc = absl::StrCat(name, ":7700");
  node.owned_partitions = 5;
  node.lag = 7;
  node.started_at = absl::FromUnixSeconds(1'700'000'000);
  node.silence = absl::Seconds(1);
  return node;
}

class FakeCluster final : public ClusterControl {
 public:
  std::vector<cluster::ClusterNode> Nodes() const override { return nodes; }
  absl::Time active_since() const override {
    return absl::FromUnixSeconds(1'700'000'100);
  }
  void HandOver() override { handed_over = true; }

  std::vector<cluster::ClusterNode> nodes;
  bool handed_over = false;
};

class ClusterCallsTest : public testing::Test {
 protected:
  ClusterCallsTest() : backends_(world_.backends()) {
    backends_.cluster = &cluster_;
    cluster_.nodes = {MakeNode("n1"), MakeNode("n2"), MakeNode("n3")};
    cluster_.nodes[0].is_here = true;
    cluster_.nodes[2].is_gone = true;
  }

  World world_;
  FakeCluster cluster_;
  Backends backends_;
};

TEST_F(ClusterCallsTest, NodesAreActiveStandingByOrGone) {
  v1::GetClusterResponse response;
  ASSERT_TRUE(ListNodes(backends_, &response).ok());
  ASSERT_EQ(response.nodes_size(), 3);
  EXPECT_EQ(response.nodes(0).state(), v1::NODE_STATE_ACTIVE);
  EXPECT_EQ(response.nodes(1).state(), v1::NODE_STATE_STANDBY);
  EXPECT_EQ(response.nodes(2).state(), v1::NODE_STATE_GONE);
  EXPECT_EQ(response.nodes(0).name(), "n1");
  EXPECT_EQ(response.nodes(0).version(), "1.2.3");
  EXPECT_EQ(response.nodes(0).address(), "n1:7700");
  EXPECT_EQ(response.nodes(0).http_address(), "");
  EXPECT_EQ(response.nodes(0).partitions(), 5u);
  EXPECT_EQ(response.nodes(0).lag(), 7u);
  EXPECT_EQ(response.nodes(0).start_time().seconds(), 1'700'000'000);
  EXPECT_TRUE(response.nodes(0).has_hear_time());
  EXPECT_EQ(response.accounts(), 1u);
  EXPECT_EQ(response.takeover_time().seconds(), 1'700'000'100);
}

TEST_F(ClusterCallsTest, OnlyTheActiveNodeIsDrained) {
  EXPECT_TRUE(absl::IsNotFound(HandOverFrom(backends_, "n4")));
  const absl::Status standby = HandOverFrom(backends_, "n2");
  EXPECT_TRUE(absl::IsFailedPrecondition(standby));
  EXPECT_THAT(std::string(standby.message()),
              HasSubstr("can be stopped at any time"));
  EXPECT_FALSE(cluster_.handed_over);
  EXPECT_TRUE(HandOverFrom(backends_, "n1").ok());
  EXPECT_TRUE(cluster_.handed_over);
}

TEST_F(ClusterCallsTest, ANodeWithoutAStandbyIsNotDrained) {
  cluster_.nodes[1].is_gone = true;
  const absl::Status alone = HandOverFrom(backends_, "n1");
  EXPECT_TRUE(absl::IsFailedPrecondition(alone));
  EXPECT_THAT(std::string(alone.message()),
              HasSubstr("no other node stands by for n1"));
  EXPECT_FALSE(cluster_.handed_over);
}

TEST_F(ClusterCallsTest, WithoutAClusterBothCallsSaySo) {
  backends_.cluster = nullptr;
  v1::GetClusterResponse response;
  for (const absl::Status& status :
       {ListNodes(backends_, &response), HandOverFrom(backends_, "n1")}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr("--kafka"));
  }
}

}  // namespace
}  // namespace portrait
