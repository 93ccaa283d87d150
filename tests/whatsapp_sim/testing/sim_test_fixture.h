// A fixture with a simulator and helpers to talk to it.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_TESTING_SIM_TEST_FIXTURE_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_TESTING_SIM_TEST_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/support/temporary_folder.h"
#include "tests/whatsapp_sim/simulator.h"
#include "tests/whatsapp_sim/testing/sim_test_client.h"

namespace portrait::sim {

inline constexpr char kPhone[] = "+15550100001";
inline constexpr uint64_t kFirstNumber = 15550200000;

class SimTest : public ::testing::Test {
 protected:
  explicit SimTest(Simulator::Options options = {})
      : simulator_(WithFolder(std::move(options))) {
    auto endpoints = simulator_.Start();
    EXPECT_TRUE(endpoints.ok()) << endpoints.status();
    if (endpoints.ok()) endpoints_ = *endpoints;
  }

  const std::string& folder() const { return folder_.path(); }

  void Restart() {
    simulator_.Stop();
    auto endpoints = simulator_.Start();
    ASSERT_TRUE(endpoints.ok()) << endpoints.status();
    endpoints_ = *endpoints;
  }

  whatsapp::Device Link(const std::string& phone = kPhone) {
    auto device = SimTestClient::Link(simulator_, endpoints_, phone);
    EXPECT_TRUE(device.ok()) << device.status();
    return device.value();
  }
  SimTestClient Connect(const whatsapp::Device& device) {
    auto client = SimTestClient::Connect(endpoints_, device);
    EXPECT_TRUE(client.ok()) << client.status();
    return std::move(client).value();
  }
  // Logs in, reads the first stanzas and sends <active/>.
  SimTestClient Login(const whatsapp::Device& device) {
    SimTestClient client = Connect(device);
    EXPECT_TRUE(client.ReceiveTag("success").ok());
    EXPECT_TRUE(
        client.Ask(MakeIq("set", "passive", {whatsapp::MakeNode("active")}))
            .ok());
    return client;
  }

  // The first account from kFirstNumber on for which `wanted` is true.
  v1::Account Find(const std::function<bool(const v1::Account&)>& wanted) {
    for (uint64_t number = kFirstNumber;; ++number) {
      const auto account =
          simulator_.control().GetAccount(absl::StrCat("+", number));
      if (wanted(*account)) return *account;
    }
  }

  static whatsapp::Node MakeIq(
      absl::string_view type, absl::string_view xmlns,
      std::initializer_list<whatsapp::Node> children = {}) {
    return whatsapp::MakeNode("iq",
                              {{"to", whatsapp::ServerJid()},
                               {"type", std::string(type)},
                               {"xmlns", std::string(xmlns)}},
                              whatsapp::Node::Children(children));
  }
  static whatsapp::Node MakeUsync(std::vector<whatsapp::Node> users,
                                  std::vector<whatsapp::Node> protocols) {
    using whatsapp::MakeNode;
    return MakeIq("get", "usync",
                  {MakeNode("usync",
                            {{"sid", std::string("1")},
                             {"mode", std::string("query")},
                             {"last", std::string("true")},
                             {"index", std::string("0")},
                             {"context", std::string("interactive")}},
                            whatsapp::Node::Children{
                                MakeNode("query", {}, std::move(protocols)),
                                MakeNode("list", {}, std::move(users))})});
  }
  static std::string ErrorCode(const whatsapp::Node& iq) {
    const whatsapp::Node* error = iq.FindChild("error");
    return error == nullptr ? "" : error->AttributeOr("code");
  }
  // The number of protocol errors of clients since the last call.
  size_t NewProtocolErrors() {
    const size_t count = simulator_.protocol_errors().size();
    return count - std::exchange(seen_errors_, count);
  }

 private:
  Simulator::Options WithFolder(Simulator::Options options) {
    options.data_dir = folder_.path();
    return options;
  }

  const TemporaryFolder folder_;
  size_t seen_errors_ = 0;

 protected:
  Simulator simulator_;
  Simulator::Endpoints endpoints_;
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_TESTING_SIM_TEST_FIXTURE_H_
