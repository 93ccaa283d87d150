// Tests the faults that can be set.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/whatsapp_sim/testing/sim_test_fixture.h"

namespace portrait::sim {
namespace {

using whatsapp::MakeNode;
using whatsapp::Node;

class SimFaultsTest : public SimTest {
 protected:
  void SetFaults(const v1::SetFaultsRequest& faults) {
    const absl::Status status = simulator_.control().SetFaults(faults);
    ASSERT_TRUE(status.ok()) << status;
  }
  static Node Usync(int users) {
    std::vector<Node> contacts;
    for (int i = 0; i < users; ++i) {
      contacts.push_back(
          MakeNode("user", {},
                   Node::Children{MakeNode(
                       "contact", {},
                       Node::Bytes{absl::StrCat("+", kFirstNumber + i)})}));
    }
    return MakeUsync(std::move(contacts), {MakeNode("contact")});
  }
};

TEST_F(SimFaultsTest, LimitsTheRateOfEachSession) {
  SimTestClient client = Login(Link());
  SimTestClient other = Login(Link("+15550100002"));
  v1::SetFaultsRequest faults;
  faults.set_rate_limit_per_session(0.001);
  SetFaults(faults);
  EXPECT_EQ("result", client.Ask(Usync(1))->AttributeOr("type"));
  // First as an error of the iq, then inside a result.
  const Node refused = client.Ask(Usync(1)).value();
  EXPECT_EQ("429", ErrorCode(refused));
  EXPECT_TRUE(
      refused.FindChild("error")->NumberAttribute("backoff").has_value());
  const Node inside = client.Ask(Usync(1)).value();
  EXPECT_EQ("result", inside.AttributeOr("type"));
  const Node* contact =
      inside.FindChild("usync")->FindChild("result")->FindChild("contact");
  EXPECT_EQ("429", ErrorCode(*contact));
  EXPECT_EQ("result", other.Ask(Usync(1))->AttributeOr("type"));
  const v1::GetStatsResponse stats = simulator_.control().GetStats();
  EXPECT_EQ(2u, stats.rate_limited());
  EXPECT_EQ(4u, stats.usync_queries());
  EXPECT_EQ(4u, stats.usync_users());
}

TEST_F(SimFaultsTest, RefusesUsyncQueriesOverTheLimit) {
  SimTestClient client = Login(Link());
  v1::SetFaultsRequest faults;
  faults.set_usync_users_limit(10);
  SetFaults(faults);
  EXPECT_EQ("", ErrorCode(client.Ask(Usync(10)).value()));
  EXPECT_EQ("400", ErrorCode(client.Ask(Usync(11)).value()));
  EXPECT_EQ(0u, NewProtocolErrors());
}

TEST_F(SimFaultsTest, DropsAnswersErrsAndDisconnects) {
  SimTestClient client = Login(Link());
  v1::SetFaultsRequest faults;
  faults.set_drop_probability(1);
  SetFaults(faults);
  EXPECT_TRUE(client.IsMetWithSilence(Usync(1)));

  faults.Clear();
  faults.set_error_probability(1);
  SetFaults(faults);
  EXPECT_EQ("500", ErrorCode(client.Ask(Usync(1)).value()));

  faults.Clear();
  faults.set_disconnect_probability(1);
  SetFaults(faults);
  EXPECT_TRUE(absl::IsUnavailable(client.Ask(Usync(1)).status()));
}

TEST_F(SimFaultsTest, SendsMalformedAnswers) {
  const whatsapp::Device device = Link();
  v1::SetFaultsRequest faults;
  faults.set_malformed_probability(1);
  for (int i = 0; i < 20; ++i) {
    SetFaults({});
    SimTestClient client = Login(device);
    const Node good = client.Ask(Usync(1)).value();
    SetFaults(faults);
    const absl::StatusOr<Node> bad = client.Ask(Usync(1));
    if (bad.ok()) {
      EXPECT_NE(good.FindChild("usync")->DebugString(),
                bad->FindChild("usync")->DebugString());
    } else {
      EXPECT_TRUE(absl::IsInvalidArgument(bad.status())) << bad.status();
    }
  }
}

TEST_F(SimFaultsTest, AnswersTakeTheConfiguredTime) {
  SimTestClient client = Login(Link());
  v1::SetFaultsRequest faults;
  faults.mutable_latency()->set_nanos(200'000'000);
  SetFaults(faults);
  const absl::Time start = absl::Now();
  ASSERT_TRUE(client.Ask(Usync(1)).ok());
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(200));
}

TEST_F(SimFaultsTest, AnswersMayOvertakeOneAnother) {
  SimTestClient client = Login(Link());
  v1::SetFaultsRequest faults;
  faults.mutable_latency_jitter()->set_nanos(200'000'000);
  SetFaults(faults);
  constexpr int kQueries = 50;
  for (int i = 0; i < kQueries; ++i) {
    Node iq = Usync(1);
    iq.SetAttribute("id", absl::StrCat(i));
    ASSERT_TRUE(client.Send(iq).ok());
  }
  bool in_order = true;
  for (int i = 0; i < kQueries; ++i) {
    const Node answer = client.ReceiveTag("iq").value();
    in_order = in_order && answer.AttributeOr("id") == absl::StrCat(i);
  }
  EXPECT_FALSE(in_order);
}

TEST_F(SimFaultsTest, RefusesInvalidFaults) {
  v1::SetFaultsRequest faults;
  faults.set_drop_probability(1.5);
  EXPECT_TRUE(absl::IsInvalidArgument(simulator_.control().SetFaults(faults)));
  faults.Clear();
  faults.mutable_latency()->set_seconds(-1);
  EXPECT_TRUE(absl::IsInvalidArgument(simulator_.control().SetFaults(faults)));
}

}  // namespace
}  // namespace portrait::sim
