// Tests handshake, pairing, login, and queued stanzas.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "core/whatsapp/pairing.h"
#include "tests/support/test_deadline.h"
#include "tests/whatsapp_sim/testing/sim_test_fixture.h"

namespace portrait::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using whatsapp::MakeNode;
using whatsapp::Node;

class SimLoginTest : public SimTest {
 protected:
  // The server's first stanza for that client.
  Node FirstStanza(const whatsapp::Device& device,
                   const whatsapp::ClientVersion& version = {}) {
    auto client = SimTestClient::Connect(endpoints_, device, version);
    EXPECT_TRUE(client.ok()) << client.status();
    auto stanza = client->Receive();
    EXPECT_TRUE(stanza.ok()) << stanza.status();
    return stanza.value_or(Node());
  }
};

TEST_F(SimLoginTest, LinksByQrCodeAndGreetsInTheOrderOfWhatsApp) {
  const whatsapp::Device device = Link();
  EXPECT_TRUE(absl::StartsWith(device.jid.ToString(), "15550100001:1@"));
  EXPECT_TRUE(simulator_.control().GetAccount(kPhone)->registered());

  SimTestClient client = Connect(device);
  const Node success = client.Receive().value();
  EXPECT_EQ("success", success.tag);
  EXPECT_EQ(device.lid, success.JidAttribute("lid"));
  EXPECT_NE(nullptr, client.Receive()->FindChild("edge_routing"));
  EXPECT_NE(nullptr, client.Receive()->FindChild("dirty"));
  EXPECT_NE(nullptr, client.Receive()->FindChild("dirty"));
  EXPECT_NE(nullptr, client.Receive()->FindChild("offline_preview"));
  ASSERT_TRUE(client.Ask(MakeIq("set", "passive", {MakeNode("active")})).ok());
  EXPECT_NE(nullptr, client.Receive()->FindChild("offline"));

  // The simulator may notice a moment later that the linking connection closed.
  const absl::Time end = absl::Now() + kTestDeadline;
  while (simulator_.control().GetStats().connections() > 1 &&
         absl::Now() < end) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  const v1::GetStatsResponse stats = simulator_.control().GetStats();
  EXPECT_EQ(1u, stats.connections());
  EXPECT_EQ(1u, stats.pairings());
  EXPECT_EQ(1u, stats.logins());
  EXPECT_EQ(0u, NewProtocolErrors());
}

TEST_F(SimLoginTest, EachCompanionOfAPhoneHasANumberOfItsOwn) {
  EXPECT_EQ(1, Link().jid.device);
  EXPECT_EQ(2, Link().jid.device);
  EXPECT_EQ(1, Link("+15550100002").jid.device);
}

TEST_F(SimLoginTest, RefusesAQrCodeThatPhonesRefuse) {
  const whatsapp::Device device = whatsapp::MakeDevice();
  SimTestClient client = Connect(device);
  const Node refs = client.ReceiveTag("iq").value();
  const std::vector<Node>& children = refs.FindChild("pair-device")->children();
  ASSERT_EQ(6u, children.size());
  const std::string text =
      whatsapp::QrCodeText(children.front().Data(), device);
  const auto scan = [&](const std::string& qr_text) {
    return simulator_.control().ScanQrCode(qr_text, kPhone).status();
  };

  const std::string four_fields = text.substr(0, text.rfind(','));
  EXPECT_THAT(scan(four_fields).message(), HasSubstr("four fields"));
  EXPECT_EQ(1u, NewProtocolErrors());
  EXPECT_TRUE(absl::IsInvalidArgument(scan("hello")));
  EXPECT_TRUE(absl::IsInvalidArgument(
      simulator_.control().ScanQrCode(text, "no number").status()));
  const std::string other_device =
      whatsapp::QrCodeText(children.front().Data(), whatsapp::MakeDevice());
  EXPECT_TRUE(absl::IsInvalidArgument(scan(other_device)));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      scan(whatsapp::QrCodeText("2@unknown", device))));
}

TEST_F(SimLoginTest, NotifiesThePhoneWhenTheClientDisconnects) {
  const whatsapp::Device device = whatsapp::MakeDevice();
  std::string text;
  {
    SimTestClient client = Connect(device);
    const Node refs = client.ReceiveTag("iq").value();
    text = whatsapp::QrCodeText(
        refs.FindChild("pair-device")->children().front().Data(), device);
  }
  const absl::Status status =
      simulator_.control().ScanQrCode(text, kPhone).status();
  EXPECT_TRUE(absl::IsUnavailable(status) || absl::IsFailedPrecondition(status))
      << status;
}

TEST_F(SimLoginTest, RefusesAnotherStaticKey) {
  whatsapp::Device device = Link();
  device.noise_key = whatsapp::MakeKeyPair();
  const Node failure = FirstStanza(device);
  EXPECT_EQ("failure", failure.tag);
  EXPECT_EQ("401", failure.AttributeOr("reason"));
  EXPECT_EQ(1u, NewProtocolErrors());
}

TEST_F(SimLoginTest, RefusesARegistrationWhoseSignatureDoesNotHold) {
  whatsapp::Device device = whatsapp::MakeDevice();
  device.signed_prekey.signature[0] ^= 1;
  EXPECT_EQ("400", FirstStanza(device).AttributeOr("reason"));
  EXPECT_EQ(1u, NewProtocolErrors());
}

TEST_F(SimLoginTest, ClosesAConnectionWithAnInvalidHeader) {
  for (const absl::string_view header :
       {absl::string_view("WA\x06\x02", 4), absl::string_view("XX\x06\x03", 4),
        absl::string_view("GET ", 4)}) {
    const whatsapp::Device device = whatsapp::MakeDevice();
    EXPECT_FALSE(
        SimTestClient::Connect(endpoints_, device.noise_key, "", header).ok());
  }
  EXPECT_EQ(3u, NewProtocolErrors());
}

TEST_F(SimLoginTest, TakesTheRoutingPreamble) {
  const whatsapp::Device device = Link();
  auto client = SimTestClient::Connect(endpoints_, device.noise_key,
                                       whatsapp::LoginPayload(device, {}),
                                       whatsapp::ConnectionPreamble("routing"));
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_TRUE(client->ReceiveTag("success").ok());
}

TEST_F(SimLoginTest, ASecondConnectionTakesThePlaceOfTheFirst) {
  const whatsapp::Device device = Link();
  SimTestClient first = Login(device);
  SimTestClient second = Login(device);
  const Node error = first.ReceiveTag("stream:error").value();
  EXPECT_EQ("replaced", error.FindChild("conflict")->AttributeOr("type"));
  EXPECT_EQ("xmlstreamend", first.Receive()->tag);
  EXPECT_TRUE(absl::IsUnavailable(first.Receive().status()));
  EXPECT_TRUE(second.Ask(MakeIq("get", "w:p")).ok());
}

TEST_F(SimLoginTest, AnUnlinkedDeviceIsNotifiedAndCannotLogInAgain) {
  const whatsapp::Device device = Link();
  SimTestClient client = Login(device);
  ASSERT_TRUE(simulator_.control().UnlinkDevice(kPhone).ok());
  const Node error = client.ReceiveTag("stream:error").value();
  EXPECT_EQ("401", error.AttributeOr("code"));
  EXPECT_EQ("device_removed", error.FindChild("conflict")->AttributeOr("type"));
  EXPECT_EQ("401", FirstStanza(device).AttributeOr("reason"));
  EXPECT_EQ(0u, NewProtocolErrors());
}

TEST_F(SimLoginTest, ADeviceCanUnlinkItself) {
  const whatsapp::Device device = Link();
  SimTestClient client = Login(device);
  const auto answer = client.Ask(MakeIq(
      "set", "md",
      {MakeNode(
          "remove-companion-device",
          {{"jid", device.jid}, {"reason", std::string("user_initiated")}})}));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ("result", answer->AttributeOr("type"));
  EXPECT_EQ("401", FirstStanza(device).AttributeOr("reason"));
}

TEST_F(SimLoginTest, EndsStreamsOnRequest) {
  const whatsapp::Device device = Link();
  for (const char* code : {"503", "515", "429", "500"}) {
    SimTestClient client = Login(device);
    EXPECT_EQ(1u, simulator_.control().Disconnect(kPhone, code).value());
    EXPECT_EQ(code, client.ReceiveTag("stream:error")->AttributeOr("code"));
  }
  SimTestClient client = Login(device);
  EXPECT_EQ(1u, simulator_.control().Disconnect("", "").value());
  EXPECT_TRUE(absl::IsUnavailable(client.ReceiveTag("never").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      simulator_.control().Disconnect("", "nonsense").status()));
}

TEST_F(SimLoginTest, KnowsItsCompanionsAfterARestart) {
  const whatsapp::Device device = Link();
  v1::Account changed = Find([](const v1::Account& account) {
    return account.registered() && account.picture_id().empty();
  });
  changed.set_picture_id("1800000000");
  ASSERT_TRUE(simulator_.control().SetAccount(changed, false).ok());
  const std::string root_key = endpoints_.root_key;

  Restart();
  EXPECT_EQ(root_key, endpoints_.root_key);
  Login(device);
  EXPECT_EQ(
      "1800000000",
      simulator_.control().GetAccount(changed.phone_number())->picture_id());
}

TEST_F(SimLoginTest, AFolderServesOneSimulatorAtATime) {
  Simulator::Options options;
  options.data_dir = folder();
  EXPECT_TRUE(absl::IsFailedPrecondition(Simulator(options).Start().status()));
}

class SimOutdatedTest : public SimTest {
 protected:
  static Simulator::Options Options() {
    Simulator::Options options;
    options.habits.client_min_revision = 1'000'000'000;
    return options;
  }
  SimOutdatedTest() : SimTest(Options()) {}
};

TEST_F(SimOutdatedTest, RefusesClientsThatAreTooOld) {
  const whatsapp::Device device = whatsapp::MakeDevice();
  auto old = SimTestClient::Connect(endpoints_, device, {2, 3000, 999'999'999});
  ASSERT_TRUE(old.ok()) << old.status();
  EXPECT_EQ("405", old->ReceiveTag("failure")->AttributeOr("reason"));
  auto current =
      SimTestClient::Connect(endpoints_, device, {2, 3000, 1'000'000'000});
  EXPECT_TRUE(current->ReceiveTag("iq").ok());
}

TEST_F(SimLoginTest, StopsWhileClientsAreInTheirHandshake) {
  SimTestClient pairing = Connect(whatsapp::MakeDevice());
  simulator_.Stop();
  EXPECT_TRUE(absl::IsUnavailable(pairing.ReceiveTag("never").status()));
}

}  // namespace
}  // namespace portrait::sim
