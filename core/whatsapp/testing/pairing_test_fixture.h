// A fixture for linking devices: the test acts as WhatsApp and as the phone.
#ifndef PORTRAIT_CORE_WHATSAPP_TESTING_PAIRING_TEST_FIXTURE_H_
#define PORTRAIT_CORE_WHATSAPP_TESTING_PAIRING_TEST_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "core/whatsapp/client.h"
#include "core/whatsapp/pairing_phone.h"
#include "tests/support/coroutine.h"
#include "tests/support/fake_server.h"

namespace portrait::whatsapp {

// Records the events; the last shown code is at the back.
struct RecordedEvents : PairingEvents {
  void OnQrCode(const std::string& text, absl::Time expires_at) override {
    codes.push_back(text);
    expire_times.push_back(expires_at);
  }
  void OnPairingCode(const std::string& code, absl::Time expires_at) override {
    pairing_codes.push_back(code);
    expire_times.push_back(expires_at);
  }
  bool Cancelled() override { return cancelled; }
  absl::Status MayLink(const Jid& account) override {
    asked = account;
    return may_link;
  }

  std::vector<std::string> codes;
  std::vector<std::string> pairing_codes;
  std::vector<absl::Time> expire_times;
  bool cancelled = false;
  Jid asked;
  absl::Status may_link;
};

class PairingFixture : public ::testing::Test {
 protected:
  using Paired = absl::StatusOr<Device>;

  PairingFixture() {
    options_.websocket.url = server_.url();
    options_.root_public_key = server_.root_public_key();
  }
  ~PairingFixture() override {
    peer_.reset();
    RunFor(io_, absl::Milliseconds(5));
  }

  // Starts the pairing and completes the handshake.
  Started<Paired> Start(boost::asio::awaitable<Paired> pairing) {
    auto accepting = StartCoroutine(io_, server_.Accept());
    auto started = StartCoroutine(io_, std::move(pairing));
    peer_ = accepting.Finish();
    return started;
  }

  Node PeerReceives() { return RunCoroutine(io_, peer_->Receive()); }
  void PeerSends(Node node) { RunCoroutine(io_, peer_->Send(std::move(node))); }

  static Node ServerIq(const std::string& id, Node child) {
    Node iq = MakeNode("iq", {{"from", ServerJid()},
                              {"type", std::string("set")},
                              {"id", id},
                              {"xmlns", std::string("md")}});
    iq.AddChild(std::move(child));
    return iq;
  }
  static Node Notification(const std::string& type) {
    return MakeNode(
        "notification",
        {{"id", std::string("N")}, {"from", ServerJid()}, {"type", type}});
  }
  // Sends a notification and receives its ack.
  void Notify(const std::string& type, Node child) {
    Node notification = Notification(type);
    notification.AddChild(std::move(child));
    PeerSends(std::move(notification));
    EXPECT_EQ(PeerReceives().tag, "ack");
  }

  // Sends <pair-device> and receives the answer.
  void SendPairDevice(const std::vector<std::string>& refs) {
    Node pair_device = MakeNode("pair-device");
    for (const std::string& ref : refs) {
      pair_device.AddChild(MakeNode("ref", {}, Node::Bytes{ref}));
    }
    PeerSends(ServerIq("X", std::move(pair_device)));
    EXPECT_EQ(PeerReceives(), MakeNode("iq", {{"to", ServerJid()},
                                              {"type", std::string("result")},
                                              {"id", std::string("X")}}));
  }

  // Makes the identity that is signed by a phone which knows `adv_secret`.
  DeviceIdentity Vouch(const std::string& identity_public_key,
                       const std::string& adv_secret) {
    DeviceIdentityOptions identity;
    identity.timestamp = absl::Now();
    identity.key_index = 7;
    return SignDeviceIdentity(phone_identity_, identity_public_key, adv_secret,
                              identity);
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

  const Jid kAccount{"15551230001", kUserServer, 12};
  const Jid kAccountLid{"99887766554433", kLidServer, 12};

  boost::asio::io_context io_;
  FakeServer server_{io_};
  ConnectionOptions options_;
  RecordedEvents events_;
  const KeyPair phone_identity_ = MakeKeyPair();
  std::unique_ptr<FakePeer> peer_;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_TESTING_PAIRING_TEST_FIXTURE_H_
