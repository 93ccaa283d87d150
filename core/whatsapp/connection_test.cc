#include "core/whatsapp/connection.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "absl/strings/str_cat.h"
#include "core/whatsapp/node_codec.h"
#include "tests/support/coroutine.h"
#include "tests/support/fake_server.h"

namespace portrait::whatsapp {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

Node Query(const std::string& xmlns) {
  return MakeNode(
      "iq",
      {{"xmlns", xmlns}, {"type", std::string("get")}, {"to", ServerJid()}});
}

Node Result(const Node& iq) {
  return MakeNode("iq", {{"from", ServerJid()},
                         {"type", std::string("result")},
                         {"id", iq.AttributeOr("id")}});
}

class ConnectionTest : public ::testing::Test {
 protected:
  using Opened = absl::StatusOr<std::shared_ptr<Connection>>;

  ConnectionTest() {
    options_.websocket.url = server_.url();
    options_.root_public_key = server_.root_public_key();
  }
  ~ConnectionTest() override {
    if (connection_ != nullptr) connection_->Close(StreamEnd());
    peer_.reset();
    RunFor(io_, absl::Milliseconds(5));
  }

  Opened Open() { return StartOpen().Finish(); }
  Started<Opened> StartOpen() {
    return StartCoroutine(
        io_, Connection::Open(
                 io_.get_executor(), options_, device_, "client payload",
                 [this](const Node& stanza) { stanzas_.push_back(stanza); },
                 &known_server_));
  }

  // Connects both ends and completes the handshake.
  void Connect() {
    if (connection_ != nullptr) connection_->Close(StreamEnd());
    auto accepting = StartCoroutine(io_, server_.Accept());
    Opened opened = Open();
    ASSERT_TRUE(opened.ok()) << opened.status();
    connection_ = *std::move(opened);
    peer_ = accepting.Finish();
  }

  auto Request(const std::string& xmlns,
               absl::Duration timeout = kTestDeadline) {
    return StartCoroutine(io_, connection_->Request(Query(xmlns), timeout));
  }
  Node PeerReceives() { return RunCoroutine(io_, peer_->Receive()); }
  void PeerSends(Node node) { RunCoroutine(io_, peer_->Send(std::move(node))); }
  void PeerSendsMessage(std::string message) {
    RunCoroutine(io_, peer_->SendMessage(std::move(message)));
  }
  StreamEnd End() { return RunCoroutine(io_, connection_->WaitUntilEnded()); }

  boost::asio::io_context io_;
  FakeServer server_{io_};
  Device device_ = MakeDevice();
  ConnectionOptions options_;
  ServerCertificate known_server_;
  std::shared_ptr<Connection> connection_;
  std::unique_ptr<FakePeer> peer_;
  std::vector<Node> stanzas_;
};

// ---- handshake -------------------------------------------------------------

TEST_F(ConnectionTest, SendsItsClientPayload) {
  Connect();
  EXPECT_EQ(peer_->preamble, "");
  EXPECT_EQ(peer_->client_payload, "client payload");
  EXPECT_EQ(peer_->noise_public_key, device_.noise_key.public_key);
}

TEST_F(ConnectionTest, SendsTheRoutingInfoItWasGiven) {
  device_.routing_info = "somewhere";
  Connect();
  EXPECT_EQ(peer_->preamble,
            std::string("ED\x00\x01\x00\x00\x09somewhere", 16));
}

TEST_F(ConnectionTest, RefusesAServerOfAnotherRoot) {
  options_.root_public_key = MakeKeyPair().public_key;
  auto accepting = StartCoroutine(io_, server_.Accept());
  const Opened opened = Open();
  EXPECT_TRUE(absl::IsUnauthenticated(opened.status())) << opened.status();
  EXPECT_THROW(accepting.Finish(), std::exception);
}

TEST_F(ConnectionTest, RefusesCertificatesOfAnotherTime) {
  options_.clock = [] { return absl::Now() + absl::Hours(48); };
  auto accepting = StartCoroutine(io_, server_.Accept());
  const Opened opened = Open();
  EXPECT_TRUE(absl::IsUnauthenticated(opened.status())) << opened.status();
  EXPECT_THROW(accepting.Finish(), std::exception);
}

TEST_F(ConnectionTest, ResumesWithTheServerItKnows) {
  Connect();
  EXPECT_EQ(peer_->pattern, NoisePattern::kXX);
  const ServerCertificate proven = known_server_;
  EXPECT_TRUE(proven.IsValidAt(absl::Now()));

  Connect();
  EXPECT_EQ(peer_->pattern, NoisePattern::kIK);
  EXPECT_EQ(peer_->client_payload, "client payload");
  EXPECT_EQ(peer_->noise_public_key, device_.noise_key.public_key);
  EXPECT_EQ(known_server_, proven);

  server_.RotateKey();
  Connect();
  EXPECT_EQ(peer_->pattern, NoisePattern::kXXfallback);
  EXPECT_NE(known_server_.public_key, proven.public_key);
  PeerSends(MakeNode("ib"));
  RunUntil(io_, [&] { return !stanzas_.empty(); });
}

TEST_F(ConnectionTest, ForgetsAServerWithWhichItCannotResume) {
  Connect();
  const ServerCertificate proven = known_server_;
  // The server's certificates now have another root.
  options_.root_public_key = MakeKeyPair().public_key;
  auto accepting = StartCoroutine(io_, server_.Accept());
  EXPECT_TRUE(absl::IsUnauthenticated(Open().status()));
  EXPECT_EQ(accepting.Finish()->pattern, NoisePattern::kIK);
  EXPECT_EQ(known_server_, ServerCertificate());

  // The server closes the connection.
  known_server_ = proven;
  auto silent = StartCoroutine(io_, server_.AcceptSilently());
  auto opening = StartOpen();
  silent.Finish()->Drop();
  EXPECT_TRUE(absl::IsUnavailable(opening.Finish().status()));
  EXPECT_EQ(known_server_, ServerCertificate());
}

TEST_F(ConnectionTest, RemembersAServerThatItDoesNotReach) {
  Connect();
  const ServerCertificate proven = known_server_;
  options_.websocket.url = "ws://127.0.0.1:1/ws/chat";
  EXPECT_TRUE(absl::IsUnavailable(Open().status()));
  EXPECT_EQ(known_server_, proven);
}

TEST_F(ConnectionTest, GivesUpOnAServerThatDoesNotCompleteTheHandshake) {
  options_.handshake_timeout = absl::Milliseconds(100);
  auto accepting = StartCoroutine(io_, server_.AcceptSilently());
  const Opened opened = Open();
  EXPECT_TRUE(absl::IsDeadlineExceeded(opened.status())) << opened.status();
  peer_ = accepting.Finish();
}

// ---- requests --------------------------------------------------------------

TEST_F(ConnectionTest, MatchesAnswersToRequestsById) {
  Connect();
  auto first = Request("first");
  auto second = Request("second");
  const Node first_iq = PeerReceives();
  const Node second_iq = PeerReceives();
  EXPECT_EQ(first_iq.AttributeOr("xmlns"), "first");
  EXPECT_THAT(first_iq.AttributeOr("id"), MatchesRegex("[0-9]+\\.[0-9]+-1"));
  EXPECT_THAT(second_iq.AttributeOr("id"), MatchesRegex("[0-9]+\\.[0-9]+-2"));

  Node error = Result(second_iq);
  error.SetAttribute("type", std::string("error"));
  PeerSends(error);
  PeerSends(Result(first_iq));
  const auto second_answer = second.Finish();
  ASSERT_TRUE(second_answer.ok()) << second_answer.status();
  EXPECT_EQ(*second_answer, error);
  EXPECT_EQ(*first.Finish(), Result(first_iq));
  EXPECT_THAT(stanzas_, IsEmpty());
}

TEST_F(ConnectionTest, ARequestTimesOutAloneAndItsLateAnswerIsDropped) {
  Connect();
  auto hurried = Request("hurried", absl::Milliseconds(50));
  auto patient = Request("patient");
  const Node hurried_iq = PeerReceives();
  const Node patient_iq = PeerReceives();
  const absl::Status status = hurried.Finish().status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("50ms"));
  PeerSends(Result(hurried_iq));
  PeerSends(Result(patient_iq));
  EXPECT_TRUE(patient.Finish().ok());
  EXPECT_THAT(stanzas_, IsEmpty());
}

TEST_F(ConnectionTest, TakesNoMoreRequestsThanItsLimit) {
  options_.max_pending_requests = 2;
  Connect();
  auto first = Request("first");
  auto second = Request("second");
  EXPECT_TRUE(absl::IsResourceExhausted(Request("third").Finish().status()));
  PeerSends(Result(PeerReceives()));
  EXPECT_TRUE(first.Finish().ok());
  auto fourth = Request("fourth");
  PeerReceives();
  PeerSends(Result(PeerReceives()));
  EXPECT_TRUE(fourth.Finish().ok());
}

TEST_F(ConnectionTest, ClosingFailsPendingRequests) {
  Connect();
  auto waiting = Request("never answered");
  PeerReceives();
  StreamEnd end;
  end.reason = "a test's wish";
  connection_->Close(end);
  const absl::Status status = waiting.Finish().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("a test's wish"));
  EXPECT_EQ(End().reason, "a test's wish");
  EXPECT_FALSE(connection_->Send(MakeNode("presence")));
  EXPECT_TRUE(absl::IsUnavailable(Request("late").Finish().status()));
  EXPECT_TRUE(RunCoroutine(io_, peer_->SeesClose()));
}

TEST_F(ConnectionTest, EveryRequestEndsInEveryCase) {
  Connect();
  std::vector<Started<absl::StatusOr<Node>>> requests;
  for (int i = 0; i < 60; ++i) {
    requests.push_back(
        Request("x", i % 3 == 0 ? absl::Milliseconds(20) : kTestDeadline));
  }
  for (int i = 0; i < 60; ++i) {
    const Node iq = PeerReceives();
    if (i % 3 == 1) PeerSends(Result(iq));
  }
  ASSERT_TRUE(
      RunUntil(io_, [&] { return connection_->pending_requests() == 20; }));
  connection_->Close(StreamEnd());
  EXPECT_EQ(connection_->pending_requests(), 0u);
  int answered = 0;
  for (auto& request : requests) answered += request.Finish().ok() ? 1 : 0;
  EXPECT_EQ(answered, 20);
  EXPECT_EQ(connection_->pending_requests(), 0u);
}

TEST_F(ConnectionTest, StanzasLeaveInTheOrderOfTheirSending) {
  Connect();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(connection_->Send(
        MakeNode("ib", {{"n", absl::StrCat("n", i)}}, Node::Bytes{"x"})));
  }
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(PeerReceives().AttributeOr("n"), absl::StrCat("n", i));
  }
}

// ---- receiving -------------------------------------------------------------

TEST_F(ConnectionTest, ReadsFramesHoweverTheMessagesCutThem) {
  Connect();
  std::string wire;
  for (int i = 0; i < 3; ++i) {
    wire += peer_->Seal(EncodeNode(MakeNode("ib", {{"n", absl::StrCat(i)}})));
  }
  for (size_t begin = 0; begin < wire.size(); begin += 7) {
    PeerSendsMessage(wire.substr(begin, 7));
  }
  ASSERT_TRUE(RunUntil(io_, [&] { return stanzas_.size() == 3; }));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(stanzas_[i].AttributeOr("n"), absl::StrCat(i));
  }
}

TEST_F(ConnectionTest, AcksInTheOrderOfArrivalAndAnswersPings) {
  Connect();
  connection_->SetOwnJid(Jid{"15551230001", kUserServer, 12});
  const Jid peer{"13105551234", kUserServer};
  PeerSends(MakeNode("message", {{"id", std::string("M1")}, {"from", peer}}));
  PeerSends(MakeNode("iq", {{"from", ServerJid()},
                            {"type", std::string("get")},
                            {"xmlns", std::string("urn:xmpp:ping")}}));
  PeerSends(
      MakeNode("notification", {{"id", std::string("N1")}, {"from", peer}}));
  const Node ack = PeerReceives();
  EXPECT_EQ(ack.AttributeOr("class"), "message");
  EXPECT_EQ(ack.AttributeOr("from"), "15551230001:12@s.whatsapp.net");
  EXPECT_EQ(PeerReceives(), MakeNode("iq", {{"to", ServerJid()},
                                            {"type", std::string("result")}}));
  EXPECT_EQ(PeerReceives().AttributeOr("id"), "N1");
  ASSERT_EQ(stanzas_.size(), 2u);
  EXPECT_EQ(stanzas_[0].tag, "message");
  EXPECT_EQ(stanzas_[1].tag, "notification");
}

TEST_F(ConnectionTest, EndsAsTheServerSays) {
  Connect();
  auto waiting = Request("never answered");
  PeerSends(MakeNode("stream:error", {{"code", std::string("515")}}));
  PeerSends(MakeNode("xmlstreamend"));
  EXPECT_EQ(End().kind, StreamEnd::Kind::kRestart);
  EXPECT_TRUE(absl::IsUnavailable(waiting.Finish().status()));
}

TEST_F(ConnectionTest, AClosedSocketEndsTheConnection) {
  Connect();
  peer_->Drop();
  EXPECT_EQ(End().kind, StreamEnd::Kind::kDropped);
}

TEST_F(ConnectionTest, HostileFramesEndIt) {
  const struct {
    const char* what;
    std::function<std::string(FakePeer&)> message;
  } cases[] = {
      {"a frame that does not decrypt",
       [](FakePeer&) { return EncodeFrame(std::string(40, 'x')).value(); }},
      {"a frame shorter than its tag",
       [](FakePeer&) { return EncodeFrame("short").value(); }},
      {"an empty frame", [](FakePeer&) { return EncodeFrame("").value(); }},
      {"a frame under a counter that was used",
       [](FakePeer& peer) {
         const std::string frame = peer.Seal(EncodeNode(MakeNode("ib")));
         return absl::StrCat(frame, frame);
       }},
      {"a node that breaks off",
       [](FakePeer& peer) {
         return peer.Seal(absl::string_view("\x00\xf8\x05\x19", 4));
       }},
      {"nothing in a frame", [](FakePeer& peer) { return peer.Seal(""); }},
      {"bytes after the node",
       [](FakePeer& peer) {
         return peer.Seal(EncodeNode(MakeNode("ib")) + "x");
       }},
      {"compressed data that is none",
       [](FakePeer& peer) { return peer.Seal("\x02garbage"); }},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.what);
    Connect();
    PeerSendsMessage(one.message(*peer_));
    EXPECT_EQ(End().kind, StreamEnd::Kind::kProtocolError);
    EXPECT_TRUE(RunCoroutine(io_, peer_->SeesClose()));
  }
}

TEST_F(ConnectionTest, AMessageOverTheLimitEndsIt) {
  options_.websocket.max_message_bytes = 10'000;
  Connect();
  PeerSendsMessage(std::string(10'001, 'x'));
  EXPECT_EQ(End().kind, StreamEnd::Kind::kProtocolError);
}

// ---- silence ---------------------------------------------------------------

TEST_F(ConnectionTest, PingsWhenIdleAndStaysOpenWhilePingsAreAnswered) {
  options_.keepalive_interval = absl::Milliseconds(20);
  options_.dead_after = absl::Seconds(30);
  Connect();
  for (int i = 0; i < 3; ++i) {
    const Node ping = PeerReceives();
    EXPECT_EQ(ping.tag, "iq");
    EXPECT_EQ(ping.AttributeOr("xmlns"), "w:p");
    EXPECT_EQ(ping.AttributeOr("type"), "get");
    EXPECT_EQ(ping.Attribute("to"), "@s.whatsapp.net");
    EXPECT_THAT(ping.children(), IsEmpty());
    PeerSends(Result(ping));
  }
  EXPECT_TRUE(connection_->Send(MakeNode("presence")));
}

TEST_F(ConnectionTest, ASilentConnectionIsClosed) {
  options_.keepalive_interval = absl::Milliseconds(20);
  options_.dead_after = absl::Milliseconds(100);
  Connect();
  // The server reads the ping but does not answer.
  const StreamEnd end = End();
  EXPECT_EQ(end.kind, StreamEnd::Kind::kDropped);
  EXPECT_THAT(end.reason, HasSubstr("nothing received for 100ms"));
}

TEST_F(ConnectionTest, AServerThatDoesNotReadIsDisconnected) {
  Connect();
  const std::string large(1 << 20, 'x');
  int sent = 0;
  while (sent < 100 &&
         connection_->Send(MakeNode("ib", {}, Node::Bytes{large}))) {
    ++sent;
  }
  EXPECT_LT(sent, 100);
  EXPECT_EQ(End().kind, StreamEnd::Kind::kDropped);
}

TEST_F(ConnectionTest, FlushWaitsUntilAllIsSent) {
  Connect();
  for (int i = 0; i < 50; ++i) {
    connection_->Send(MakeNode("ib", {{"n", absl::StrCat("n", i)}}));
  }
  RunCoroutine(io_, connection_->Flush(kTestDeadline));
  connection_->Close(StreamEnd());
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(PeerReceives().AttributeOr("n"), absl::StrCat("n", i));
  }
}

}  // namespace
}  // namespace portrait::whatsapp
