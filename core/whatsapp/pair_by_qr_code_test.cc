#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "absl/strings/str_cat.h"
#include "core/whatsapp/client.h"
#include "core/whatsapp/pairing_phone.h"
#include "tests/support/coroutine.h"
#include "tests/support/fake_server.h"

namespace portrait::whatsapp {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Jid kAccount{"15551230001", kUserServer, 12};
const Jid kAccountLid{"99887766554433", kLidServer, 12};

struct RecordedEvents : PairingEvents {
  void OnQrCode(const std::string& text, absl::Time expires_at) override {
    codes.push_back(text);
    expire_times.push_back(expires_at);
  }
  bool Cancelled() override { return cancelled; }

  std::vector<std::string> codes;
  std::vector<absl::Time> expire_times;
  bool cancelled = false;
};

class PairByQrCodeTest : public ::testing::Test {
 protected:
  using Paired = absl::StatusOr<Device>;

  PairByQrCodeTest() {
    options_.websocket.url = server_.url();
    options_.root_public_key = server_.root_public_key();
  }
  ~PairByQrCodeTest() override {
    peer_.reset();
    RunFor(io_, absl::Milliseconds(5));
  }

  Started<Paired> StartPairing() {
    auto accepting = StartCoroutine(io_, server_.Accept());
    auto pairing = StartCoroutine(
        io_, PairByQrCode(io_.get_executor(), options_, &events_));
    peer_ = accepting.Finish();
    return pairing;
  }

  Node PeerReceives() { return RunCoroutine(io_, peer_->Receive()); }
  void PeerSends(Node node) { RunCoroutine(io_, peer_->Send(std::move(node))); }

  Node ServerIq(const std::string& id, Node child) {
    Node iq = MakeNode("iq", {{"from", ServerJid()},
                              {"type", std::string("set")},
                              {"id", id},
                              {"xmlns", std::string("md")}});
    iq.AddChild(std::move(child));
    return iq;
  }

  // Shows the client `refs` and waits until it shows the first.
  void SendRefs(const std::vector<std::string>& refs) {
    Node pair_device = MakeNode("pair-device");
    for (const std::string& ref : refs) {
      pair_device.AddChild(MakeNode("ref", {}, Node::Bytes{ref}));
    }
    const size_t shown = events_.codes.size();
    PeerSends(ServerIq("X", std::move(pair_device)));
    EXPECT_EQ(PeerReceives(), MakeNode("iq", {{"to", ServerJid()},
                                              {"type", std::string("result")},
                                              {"id", std::string("X")}}));
    EXPECT_TRUE(RunUntil(io_, [&] { return events_.codes.size() > shown; }));
  }

  // The phone reads `code` and the server passes on what it vouches for.
  DeviceIdentity Scan(const QrCode& code) {
    DeviceIdentityOptions identity;
    identity.timestamp = absl::Now();
    identity.key_index = 7;
    return SignDeviceIdentity(phone_identity_, code.identity_public_key,
                              code.adv_secret, identity);
  }
  void SendPairSuccess(const DeviceIdentity& identity) {
    Node success = MakeNode("pair-success");
    success.AddChild(
        MakeNode("device-identity", {}, Node::Bytes{identity.container}));
    success.AddChild(
        MakeNode("device", {{"jid", kAccount}, {"lid", kAccountLid}}));
    success.AddChild(MakeNode("platform", {{"name", std::string("android")}}));
    PeerSends(ServerIq("Y", std::move(success)));
  }

  boost::asio::io_context io_;
  FakeServer server_{io_};
  ConnectionOptions options_;
  RecordedEvents events_;
  const KeyPair phone_identity_ = MakeKeyPair();
  std::unique_ptr<FakePeer> peer_;
};

TEST_F(PairByQrCodeTest, LinksADeviceAndWaitsForTheRestart) {
  auto pairing = StartPairing();
  SendRefs({"2@first", "2@second"});
  ASSERT_THAT(events_.codes, SizeIs(1));
  EXPECT_NEAR(absl::ToDoubleSeconds(events_.expire_times[0] - absl::Now()), 60,
              30);
  const absl::StatusOr<QrCode> code = ParseQrCode(events_.codes[0]);
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(code->ref, "2@first");
  EXPECT_EQ(code->noise_public_key, peer_->noise_public_key);

  const DeviceIdentity identity = Scan(*code);
  SendPairSuccess(identity);
  const Node reply = PeerReceives();
  EXPECT_EQ(reply.AttributeOr("id"), "Y");
  EXPECT_EQ(VerifyPairDeviceSign(reply, identity, code->identity_public_key),
            absl::OkStatus());
  EXPECT_FALSE(pairing.finished());
  PeerSends(MakeNode("stream:error", {{"code", std::string("515")}}));

  const Paired device = pairing.Finish();
  ASSERT_TRUE(device.ok()) << device.status();
  EXPECT_TRUE(device->paired());
  EXPECT_EQ(device->jid, kAccount);
  EXPECT_EQ(device->lid, kAccountLid);
  EXPECT_EQ(device->platform, "android");
  EXPECT_EQ(device->noise_key.public_key, peer_->noise_public_key);
  EXPECT_TRUE(RunCoroutine(io_, peer_->SeesClose()));
}

TEST_F(PairByQrCodeTest,
       AServerThatJustHangsUpAfterTheReplyIsTakenForARestart) {
  auto pairing = StartPairing();
  SendRefs({"2@ref"});
  SendPairSuccess(Scan(*ParseQrCode(events_.codes[0])));
  PeerReceives();
  peer_->Drop();
  EXPECT_TRUE(pairing.Finish().ok());
}

TEST_F(PairByQrCodeTest, RefusesAProofThatWasMadeForAnotherCode) {
  auto pairing = StartPairing();
  SendRefs({"2@ref"});
  QrCode code = *ParseQrCode(events_.codes[0]);
  code.adv_secret[0] ^= 1;
  SendPairSuccess(Scan(code));
  const Node reply = PeerReceives();
  EXPECT_EQ(reply.AttributeOr("type"), "error");
  EXPECT_EQ(reply.AttributeOr("id"), "Y");
  ASSERT_NE(reply.FindChild("error"), nullptr);
  EXPECT_EQ(reply.FindChild("error")->AttributeOr("code"), "401");
  EXPECT_EQ(reply.FindChild("error")->AttributeOr("text"), "hmac-mismatch");
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_TRUE(RunCoroutine(io_, peer_->SeesClose()));
}

TEST_F(PairByQrCodeTest, ARefreshDrawsTheSameRefWithANewSecret) {
  auto pairing = StartPairing();
  SendRefs({"2@ref"});
  Node refresh = MakeNode("notification",
                          {{"id", std::string("N")},
                           {"from", ServerJid()},
                           {"type", std::string("companion_reg_refresh")}});
  refresh.AddChild(MakeNode("pair-device-rotate-qr"));
  PeerSends(refresh);
  EXPECT_EQ(PeerReceives().tag, "ack");
  ASSERT_TRUE(RunUntil(io_, [&] { return events_.codes.size() == 2; }));
  const QrCode before = *ParseQrCode(events_.codes[0]);
  const QrCode after = *ParseQrCode(events_.codes[1]);
  EXPECT_EQ(after.ref, before.ref);
  EXPECT_NE(after.adv_secret, before.adv_secret);
  EXPECT_LT(
      absl::AbsDuration(events_.expire_times[1] - events_.expire_times[0]),
      absl::Seconds(1));
  // Only the new code can be scanned.
  SendPairSuccess(Scan(after));
  EXPECT_EQ(PeerReceives().AttributeOr("type"), "result");
  peer_->Drop();
  EXPECT_TRUE(pairing.Finish().ok());
}

TEST_F(PairByQrCodeTest, TheUserMayGiveUp) {
  auto pairing = StartPairing();
  SendRefs({"2@ref"});
  events_.cancelled = true;
  EXPECT_TRUE(absl::IsCancelled(pairing.Finish().status()));
  EXPECT_TRUE(RunCoroutine(io_, peer_->SeesClose()));
}

TEST_F(PairByQrCodeTest, TheUserMayGiveUpBeforeTheServerIsThere) {
  auto accepting = StartCoroutine(io_, server_.AcceptSilently());
  events_.cancelled = true;
  const Paired device =
      RunCoroutine(io_, PairByQrCode(io_.get_executor(), options_, &events_));
  EXPECT_TRUE(absl::IsCancelled(device.status()));
  peer_ = accepting.Finish();
}

TEST_F(PairByQrCodeTest, SaysWhenTheServerEndsItAfterTheLastCode) {
  auto pairing = StartPairing();
  SendRefs({"2@last"});
  PeerSends(MakeNode("xmlstreamend"));
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
}

TEST_F(PairByQrCodeTest, SaysWhenTheServerRefusesTheClient) {
  auto pairing = StartPairing();
  PeerSends(MakeNode("failure", {{"reason", std::string("405")}}));
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("405"));
  EXPECT_THAT(events_.codes, IsEmpty());
}

TEST_F(PairByQrCodeTest, SaysWhenTheStreamBreaksOff) {
  auto pairing = StartPairing();
  SendRefs({"2@first", "2@second"});
  peer_->Drop();
  EXPECT_TRUE(absl::IsUnavailable(pairing.Finish().status()));
}

TEST_F(PairByQrCodeTest, SaysWhenNoCodesCome) {
  options_.request_timeout = absl::Milliseconds(50);
  auto pairing = StartPairing();
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST_F(PairByQrCodeTest, SaysWhenTheAccountAsksForAPasskey) {
  auto pairing = StartPairing();
  SendRefs({"2@ref"});
  PeerSends(MakeNode("notification",
                     {{"id", std::string("N")},
                      {"from", ServerJid()},
                      {"type", std::string("passkey_prologue_request")}}));
  const absl::Status status = pairing.Finish().status();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("passkey"));
}

}  // namespace
}  // namespace portrait::whatsapp
