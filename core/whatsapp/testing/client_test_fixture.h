// A fixture with a client, and the test as its server.
#ifndef PORTRAIT_CORE_WHATSAPP_TESTING_CLIENT_TEST_FIXTURE_H_
#define PORTRAIT_CORE_WHATSAPP_TESTING_CLIENT_TEST_FIXTURE_H_

#include "core/whatsapp/client.h"

#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "core/whatsapp/prekeys.h"
#include "tests/support/coroutine.h"
#include "tests/support/fake_server.h"

namespace portrait::whatsapp {

inline const Jid kOwn{"15551230001", kUserServer, 12};
inline const Jid kOwnLid{"99887766554433", kLidServer, 12};
inline const Jid kContact{"13105551234", kUserServer};

struct RecordedClientEvents : ClientEvents {
  void OnDeviceChanged(const Device& device) override {
    devices.push_back(device);
  }
  void OnContactNotice(const ContactNotice& notice) override {
    notices.push_back(notice);
  }
  std::vector<Device> devices;
  std::vector<ContactNotice> notices;
};

class ClientTest : public ::testing::Test {
 protected:
  using LoggedIn = absl::StatusOr<std::unique_ptr<Client>>;

  ClientTest() {
    options_.websocket.url = server_.url();
    options_.root_public_key = server_.root_public_key();
    device_.jid = kOwn;
    device_.lid = kOwnLid;
    DrawPrekeys(device_, 10);
    device_.ab_props.refresh_id = "R1";
    device_.ab_props.due = absl::InfiniteFuture();
  }
  ~ClientTest() override {
    client_.reset();
    peer_.reset();
    RunFor(io_, absl::Milliseconds(5));
  }

  // Connects and leaves the login waiting for <success>.
  Started<LoggedIn> StartLogin() {
    auto accepting = StartCoroutine(io_, server_.Accept());
    auto login = StartCoroutine(io_, Client::Login(io_.get_executor(), options_,
                                                   device_, &events_, &end_));
    peer_ = accepting.Finish();
    return login;
  }

  // A login of a device that has nothing left to do for it.
  void LogIn() {
    auto login = StartLogin();
    SendSuccess();
    LoggedIn client = login.Finish();
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
  }

  Node PeerReceives() { return RunCoroutine(io_, peer_->Receive()); }
  // Returns the next iq; acks and similar stanzas are skipped.
  Node PeerReceivesIq() {
    for (;;) {
      Node stanza = PeerReceives();
      if (stanza.tag == "iq") return stanza;
    }
  }
  // Returns the next iq with such a child; others get an empty answer.
  Node PeerReceivesIqWith(const std::string& child) {
    for (;;) {
      Node iq = PeerReceivesIq();
      if (iq.FindChild(child) != nullptr) return iq;
      AnswerOk(iq);
    }
  }
  // Expects that the client sends nothing for a while.
  void PeerReceivesNothingMore() {
    auto next = StartCoroutine(io_, peer_->Receive());
    RunFor(io_, absl::Milliseconds(200));
    EXPECT_FALSE(next.finished());
    client_.reset();
    EXPECT_THROW(next.Finish(), std::exception);
  }
  void PeerSends(Node node) { RunCoroutine(io_, peer_->Send(std::move(node))); }
  void SendSuccess() {
    PeerSends(MakeNode("success", {{"t", std::string("1763716800")},
                                   {"lid", kOwnLid},
                                   {"abprops", std::string("R1")}}));
  }
  void Answer(const Node& iq, Node::Children children) {
    PeerSends(MakeNode("iq",
                       {{"from", ServerJid()},
                        {"type", std::string("result")},
                        {"id", iq.AttributeOr("id")}},
                       std::move(children)));
  }
  void AnswerOk(const Node& iq) { Answer(iq, {}); }
  // The props are to be fetched again in a second.
  void AnswerProps(const Node& iq, Node::Children props) {
    Answer(iq, {MakeNode("props",
                         {{"protocol", std::string("1")},
                          {"hash", std::string("H1")},
                          {"refresh", std::string("1")}},
                         std::move(props))});
  }
  void AnswerError(const Node& iq, const std::string& code) {
    Node answer = MakeNode("iq", {{"from", ServerJid()},
                                  {"type", std::string("error")},
                                  {"id", iq.AttributeOr("id")}});
    answer.AddChild(MakeNode(
        "error", {{"code", code}, {"text", std::string("some-text")}}));
    PeerSends(std::move(answer));
  }
  // Sends <notification type="encrypt">.
  void TellOfKeys(Node child) {
    Node notification =
        MakeNode("notification", {{"id", std::string("N1")},
                                  {"from", ServerJid()},
                                  {"type", std::string("encrypt")}});
    notification.AddChild(std::move(child));
    PeerSends(std::move(notification));
  }
  // Sends the end of the queued stanzas, and waits until the client is idle.
  void EndBacklog() {
    SendIb(MakeNode("offline", {{"count", std::string("0")}}));
  }
  void SendIb(Node child) {
    Node ib = MakeNode("ib", {{"from", ServerJid()}});
    ib.AddChild(std::move(child));
    PeerSends(std::move(ib));
  }

  boost::asio::io_context io_;
  FakeServer server_{io_};
  ConnectionOptions options_;
  Device device_ = MakeDevice();
  RecordedClientEvents events_;
  StreamEnd end_;
  std::unique_ptr<FakePeer> peer_;
  std::unique_ptr<Client> client_;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_TESTING_CLIENT_TEST_FIXTURE_H_
