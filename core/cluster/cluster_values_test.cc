// Tests accounts and tokens of a cluster, with a real Kafka.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/cluster/cluster_stores.h"
#include "core/cluster/testing/cluster_store_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

using Entries = std::vector<std::pair<std::string, std::string>>;

class ClusterValuesTest : public ::testing::Test {
 protected:
  // Null if it fails.
  std::unique_ptr<ClusterStores> OpenNode(const std::string& name) {
    ClusterOptions options = options_;
    options.node = name;
    auto opened = OpenClusterStores(folder_.path() + "/" + name,
                                    RocksDbOptions(), options);
    EXPECT_TRUE(opened.ok()) << opened.status();
    if (!opened.ok()) return nullptr;
    return std::make_unique<ClusterStores>(*std::move(opened));
  }
  static bool IsActive(const ClusterStores& node) {
    return node.log->role().AwaitTerm(kTestDeadline) != 0;
  }

  TemporaryFolder folder_;
  ClusterOptions options_ = KafkaEnvironment::Get().NewCluster(1);
};

TEST_F(ClusterValuesTest, EachNodeHasTheAccountsAndTokens) {
  auto first = OpenNode("n1");
  ASSERT_NE(first, nullptr);
  ASSERT_TRUE(IsActive(*first));
  ASSERT_TRUE(first->stores.sessions->Put("main", "sealed").ok());
  ASSERT_TRUE(
      first->stores.access->PutAll(Entries{{"t/a", "1"}, {"t/b", "2"}}).ok());
  ASSERT_TRUE(first->stores.access->Delete("t/a").ok());
  // A standby that starts later has them, and follows.
  const auto second = OpenNode("n2");
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(*second->stores.sessions->Get("main"), "sealed");
  EXPECT_THAT(*second->stores.access->List("t/"),
              ElementsAre(Pair("t/b", "2")));
  ASSERT_TRUE(first->stores.sessions->Put("main", "sealed anew").ok());
  EXPECT_TRUE(Eventually([&] {
    return second->stores.sessions->Get("main").value_or("") == "sealed anew";
  }));
  // It refuses writes until it is active.
  const absl::Status refused = second->stores.access->Put("t/c", "3");
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(refused.message(), HasSubstr("n1"));
  first.reset();
  ASSERT_TRUE(IsActive(*second));
  ASSERT_TRUE(second->stores.access->Put("t/c", "3").ok());
  EXPECT_THAT(*second->stores.access->List("t/"),
              ElementsAre(Pair("t/b", "2"), Pair("t/c", "3")));
}

TEST_F(ClusterValuesTest, AValueThatTheLogDoesNotConfirmCanBeWrittenAgain) {
  options_.write_timeout = absl::Seconds(1);
  const auto node = OpenNode("n1");
  ASSERT_NE(node, nullptr);
  ASSERT_TRUE(IsActive(*node));
  ASSERT_TRUE(node->stores.access->Put("t/a", "1").ok());
  KafkaEnvironment& kafka = KafkaEnvironment::Get();
  for (const char* broker : kBrokers) kafka.Do(absl::StrCat("pause ", broker));
  const absl::Status status = node->stores.access->Put("t/a", "2");
  const auto meanwhile = node->stores.access->Get("t/a");
  for (const char* broker : kBrokers) kafka.Do(absl::StrCat("resume ", broker));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("confirmed"));
  EXPECT_EQ(meanwhile.value_or("-"), "1");
  EXPECT_TRUE(
      Eventually([&] { return node->stores.access->Put("t/a", "3").ok(); }));
  EXPECT_EQ(*node->stores.access->Get("t/a"), "3");
  const auto copy = OpenNode("n2");
  ASSERT_NE(copy, nullptr);
  EXPECT_EQ(*copy->stores.access->Get("t/a"), "3");
}

TEST_F(ClusterValuesTest, WhatIsLeftOfATermCannotWriteInTheNextOne) {
  const auto node = OpenNode("n1");
  ASSERT_NE(node, nullptr);
  ASSERT_TRUE(IsActive(*node));
  NodeRole& role = node->log->role();
  role.Bind(role.term());
  ASSERT_TRUE(node->stores.access->Put("t/a", "1").ok());
  ASSERT_TRUE(node->log->group().HandOver().ok());
  EXPECT_EQ(node->stores.access->Put("t/a", "2").code(),
            absl::StatusCode::kUnavailable);
  node->log->group().TakePart();
  ASSERT_EQ(role.AwaitTerm(kTestDeadline), 2u);
  EXPECT_EQ(node->stores.access->Put("t/a", "2").code(),
            absl::StatusCode::kUnavailable);
  role.Bind(role.term());
  EXPECT_TRUE(node->stores.access->Put("t/a", "3").ok());
}

}  // namespace
}  // namespace portrait::cluster
