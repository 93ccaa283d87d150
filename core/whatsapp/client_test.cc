#include "core/whatsapp/client.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "core/whatsapp/prekeys.h"
#include "tests/support/coroutine.h"
#include "tests/support/fake_server.h"

namespace portrait::whatsapp {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const Jid kOwn{"15551230001", kUserServer, 12};
const Jid kOwnLid{"99887766554433", kLidServer, 12};
const Jid kContact{"13105551234", kUserServer};

struct RecordedEvents : ClientEvents {
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

  // A login in which the server has prekeys enough.
  void LogIn() {
    auto login = StartLogin();
    SendSuccess();
    AnswerPrekeyCount("100");
    AnswerOk(PeerReceives());
    LoggedIn client = login.Finish();
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
  }

  Node PeerReceives() { return RunCoroutine(io_, peer_->Receive()); }
  void PeerSends(Node node) { RunCoroutine(io_, peer_->Send(std::move(node))); }
  void SendSuccess() {
    PeerSends(MakeNode("success",
                       {{"t", std::string("1763716800")}, {"lid", kOwnLid}}));
  }
  // Takes the login to be the first that is asked.
  void AnswerPrekeyCount(const std::string& count) {
    const Node query = PeerReceives();
    ASSERT_NE(query.FindChild("count"), nullptr) << query.DebugString();
    Answer(query, {MakeNode("count", {{"value", count}})});
  }
  void Answer(const Node& iq, Node::Children children) {
    PeerSends(MakeNode("iq",
                       {{"from", ServerJid()},
                        {"type", std::string("result")},
                        {"id", iq.AttributeOr("id")}},
                       std::move(children)));
  }
  void AnswerOk(const Node& iq) { Answer(iq, {}); }
  void AnswerError(const Node& iq, const std::string& code) {
    Node answer = MakeNode("iq", {{"from", ServerJid()},
                                  {"type", std::string("error")},
                                  {"id", iq.AttributeOr("id")}});
    answer.AddChild(MakeNode(
        "error", {{"code", code}, {"text", std::string("some-text")}}));
    PeerSends(std::move(answer));
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
  RecordedEvents events_;
  StreamEnd end_;
  std::unique_ptr<FakePeer> peer_;
  std::unique_ptr<Client> client_;
};

// ---- login -----------------------------------------------------------------

TEST_F(ClientTest, LogsInUploadsItsFirstPrekeysAndBecomesActive) {
  device_.lid = Jid();
  device_.prekeys.clear();
  auto login = StartLogin();
  SendSuccess();
  // A second <success> counts for nothing.
  SendSuccess();
  AnswerPrekeyCount("0");

  const Node upload = PeerReceives();
  EXPECT_EQ(upload.AttributeOr("xmlns"), "encrypt");
  EXPECT_EQ(upload.AttributeOr("type"), "set");
  ASSERT_NE(upload.FindChild("list"), nullptr);
  EXPECT_THAT(upload.FindChild("list")->children(), SizeIs(812));
  // Their private halves were there to be stored before.
  ASSERT_THAT(events_.devices, Not(IsEmpty()));
  EXPECT_THAT(events_.devices.back().prekeys, SizeIs(812));
  AnswerOk(upload);

  const Node active = PeerReceives();
  EXPECT_EQ(active.AttributeOr("xmlns"), "passive");
  EXPECT_NE(active.FindChild("active"), nullptr);
  EXPECT_FALSE(login.finished());
  AnswerOk(active);
  const LoggedIn client = login.Finish();
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ((*client)->device().lid, kOwnLid);
  EXPECT_EQ((*client)->device().login_counter, device_.login_counter + 1);
}

TEST_F(ClientTest, GoesOnWithoutWhatTheServerRefusesAfterLogin) {
  auto login = StartLogin();
  SendSuccess();
  AnswerError(PeerReceives(), "503");
  AnswerError(PeerReceives(), "500");
  EXPECT_TRUE(login.Finish().ok());
}

TEST_F(ClientTest, TellsWhyALoginIsRefused) {
  const struct {
    const char* reason;
    absl::StatusCode code;
    StreamEnd::Kind kind;
  } cases[] = {
      {"401", absl::StatusCode::kUnauthenticated, StreamEnd::Kind::kLoggedOut},
      {"405", absl::StatusCode::kUnauthenticated, StreamEnd::Kind::kOutdated},
      {"503", absl::StatusCode::kUnavailable, StreamEnd::Kind::kDropped},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.reason);
    auto login = StartLogin();
    PeerSends(MakeNode("failure", {{"reason", std::string(one.reason)}}));
    const absl::Status status = login.Finish().status();
    EXPECT_EQ(status.code(), one.code) << status;
    EXPECT_EQ(end_.kind, one.kind);
    EXPECT_THAT(end_.reason, HasSubstr(one.reason));
  }
}

TEST_F(ClientTest, GivesUpALoginThatIsNeitherTakenNorRefused) {
  options_.request_timeout = absl::Milliseconds(50);
  auto login = StartLogin();
  const absl::Status status = login.Finish().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(RunCoroutine(io_, peer_->SeesClose()));
}

TEST_F(ClientTest, AStreamThatEndsWhileMovingInEndsTheLogin) {
  auto login = StartLogin();
  SendSuccess();
  PeerReceives();
  PeerSends(MakeNode("stream:error", {{"code", std::string("429")}}));
  EXPECT_TRUE(absl::IsUnavailable(login.Finish().status()));
  EXPECT_EQ(end_.kind, StreamEnd::Kind::kThrottled);
}

TEST_F(ClientTest, SaysWhyNobodyCanBeReached) {
  options_.root_public_key = MakeKeyPair().public_key;
  auto accepting = StartCoroutine(io_, server_.Accept());
  const LoggedIn client = RunCoroutine(
      io_,
      Client::Login(io_.get_executor(), options_, device_, &events_, &end_));
  EXPECT_TRUE(absl::IsUnauthenticated(client.status())) << client.status();
  EXPECT_EQ(end_.reason, client.status().message());
  EXPECT_THROW(accepting.Finish(), std::exception);
}

// ---- queries ---------------------------------------------------------------

TEST_F(ClientTest, FetchesManyThingsAtOnce) {
  LogIn();
  auto usync = StartCoroutine(io_, client_->FetchUsync({kContact}));
  std::vector<Started<absl::StatusOr<PictureAnswer>>> pictures;
  for (int i = 0; i < 16; ++i) {
    PictureQuery query;
    query.target = kContact;
    pictures.push_back(StartCoroutine(io_, client_->FetchPicture(query)));
  }
  const Node usync_iq = PeerReceives();
  ASSERT_NE(usync_iq.FindChild("usync"), nullptr);
  const std::string sid = usync_iq.FindChild("usync")->AttributeOr("sid");
  EXPECT_NE(sid, "");
  EXPECT_NE(sid, usync_iq.AttributeOr("id"));
  for (int i = 0; i < 16; ++i) AnswerError(PeerReceives(), "404");
  for (auto& picture : pictures) {
    const auto answer = picture.Finish();
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->outcome, PictureAnswer::Outcome::kNotSet);
  }
  AnswerError(usync_iq, "429");
  EXPECT_TRUE(absl::IsResourceExhausted(usync.Finish().status()));
}

TEST_F(ClientTest, AQueryWithoutAnAnswerTimesOut) {
  options_.request_timeout = absl::Seconds(1);
  LogIn();
  PictureQuery query;
  query.target = kContact;
  const absl::Status status =
      RunCoroutine(io_, client_->FetchPicture(query)).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_EQ(status.message(), "picture query: no reply within 1s");
}

TEST_F(ClientTest, AsksNothingThatIsNeverAnswered) {
  LogIn();
  const Jid announcements{"0", kUserServer};
  EXPECT_TRUE(absl::IsInvalidArgument(
      RunCoroutine(io_, client_->FetchUsync({kContact, announcements}))
          .status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      RunCoroutine(io_, client_->FetchUsync({})).status()));
  PictureQuery query;
  query.target = announcements;
  EXPECT_TRUE(absl::IsInvalidArgument(
      RunCoroutine(io_, client_->FetchPicture(query)).status()));
  // One's own picture is asked for without a token.
  query.target = kOwn.WithoutDevice();
  query.privacy_token = "token";
  auto own = StartCoroutine(io_, client_->FetchPicture(query));
  const Node iq = PeerReceives();
  ASSERT_NE(iq.FindChild("picture"), nullptr);
  EXPECT_EQ(iq.FindChild("picture")->FindChild("tctoken"), nullptr);
}

TEST_F(ClientTest, MayGoWhileItsQueriesWait) {
  LogIn();
  auto usync = StartCoroutine(io_, client_->FetchUsync({kContact}));
  auto ended = StartCoroutine(io_, client_->WaitUntilEnded());
  PeerReceives();
  client_.reset();
  EXPECT_TRUE(absl::IsUnavailable(usync.Finish().status()));
  EXPECT_EQ(ended.Finish().kind, StreamEnd::Kind::kDropped);
  EXPECT_TRUE(RunCoroutine(io_, peer_->SeesClose()));
}

TEST_F(ClientTest, UnlinksItself) {
  LogIn();
  auto logout = StartCoroutine(io_, client_->Logout());
  const Node iq = PeerReceives();
  EXPECT_EQ(iq.AttributeOr("xmlns"), "md");
  const Node* const remove = iq.FindChild("remove-companion-device");
  ASSERT_NE(remove, nullptr);
  EXPECT_EQ(remove->JidAttribute("jid"), kOwn);
  EXPECT_EQ(remove->AttributeOr("reason"), "user_initiated");
  AnswerOk(iq);
  EXPECT_TRUE(logout.Finish().ok());
}

TEST_F(ClientTest, AStreamThatEndsLoggedOutIsALogoutToo) {
  LogIn();
  auto logout = StartCoroutine(io_, client_->Logout());
  PeerReceives();
  PeerSends(MakeNode("stream:error", {{"code", std::string("401")}}));
  EXPECT_TRUE(logout.Finish().ok());
}

// ---- what comes by itself --------------------------------------------------

TEST_F(ClientTest, TellsOfPicturesAndAcksTheNews) {
  LogIn();
  Node notification =
      MakeNode("notification", {{"id", std::string("N1")},
                                {"from", kContact},
                                {"type", std::string("picture")}});
  notification.AddChild(
      MakeNode("set", {{"jid", kContact}, {"id", std::string("1763716800")}}));
  PeerSends(notification);
  EXPECT_EQ(PeerReceives().tag, "ack");
  ASSERT_THAT(events_.notices, SizeIs(1));
  EXPECT_EQ(events_.notices[0].jid, kContact);
  EXPECT_EQ(events_.notices[0].picture_id, "1763716800");
}

TEST_F(ClientTest, UploadsMorePrekeysWhenTheyRunLow) {
  LogIn();
  Node notification =
      MakeNode("notification", {{"id", std::string("N1")},
                                {"from", ServerJid()},
                                {"type", std::string("encrypt")}});
  notification.AddChild(MakeNode("count", {{"value", std::string("3")}}));
  const uint32_t first_id = client_->device().next_prekey_id;
  PeerSends(notification);
  PeerSends(notification);
  EXPECT_EQ(PeerReceives().tag, "ack");
  // Said twice, it is one upload.
  const Node next = PeerReceives();
  const Node upload = next.tag == "iq" ? next : PeerReceives();
  ASSERT_NE(upload.FindChild("list"), nullptr);
  EXPECT_THAT(upload.FindChild("list")->children(), SizeIs(50));
  EXPECT_EQ(client_->device().next_prekey_id, first_id + 50);
  AnswerOk(upload);
}

TEST_F(ClientTest, KeepsRoutingInfoForTheNextConnection) {
  LogIn();
  events_.devices.clear();
  Node routing = MakeNode("edge_routing");
  routing.AddChild(MakeNode("routing_info", {}, Node::Bytes{"somewhere"}));
  SendIb(routing);
  SendIb(routing);
  ASSERT_TRUE(RunUntil(io_, [&] { return !events_.devices.empty(); }));
  RunFor(io_, absl::Milliseconds(20));
  ASSERT_THAT(events_.devices, SizeIs(1));
  EXPECT_EQ(events_.devices[0].routing_info, "somewhere");
  EXPECT_EQ(client_->device().routing_info, "somewhere");
}

TEST_F(ClientTest, AsksForWhatWaitedBatchByBatch) {
  LogIn();
  SendIb(MakeNode("offline_preview", {{"count", std::string("3")}}));
  Node request = PeerReceives();
  ASSERT_NE(request.FindChild("offline_batch"), nullptr);
  EXPECT_EQ(request.FindChild("offline_batch")->AttributeOr("count"), "200");
  for (const char* id : {"M1", "M2"}) {
    PeerSends(MakeNode("message", {{"id", std::string(id)},
                                   {"from", kContact},
                                   {"offline", std::string("0")}}));
    EXPECT_EQ(PeerReceives().AttributeOr("id"), id);
  }
  // Two of three have come.
  EXPECT_NE(PeerReceives().FindChild("offline_batch"), nullptr);
  PeerSends(MakeNode("message", {{"id", std::string("M3")},
                                 {"from", kContact},
                                 {"offline", std::string("0")}}));
  EXPECT_EQ(PeerReceives().AttributeOr("id"), "M3");
  SendIb(MakeNode("offline", {{"count", std::string("3")}}));
  auto next = StartCoroutine(io_, peer_->Receive());
  RunFor(io_, absl::Milliseconds(200));
  EXPECT_FALSE(next.finished());
  client_.reset();
  EXPECT_THROW(next.Finish(), std::exception);
}

TEST_F(ClientTest, AnEmptyQueueIsNotAskedFor) {
  LogIn();
  SendIb(MakeNode("offline_preview", {{"count", std::string("0")}}));
  SendIb(MakeNode("dirty", {{"type", std::string("groups")},
                            {"timestamp", std::string("1763716800")}}));
  const Node clean = PeerReceives();
  EXPECT_EQ(clean.AttributeOr("xmlns"), "urn:xmpp:whatsapp:dirty");
  EXPECT_NE(clean.AttributeOr("id"), "");
  ASSERT_NE(clean.FindChild("clean"), nullptr);
  EXPECT_EQ(clean.FindChild("clean")->AttributeOr("type"), "groups");
  EXPECT_EQ(clean.FindChild("clean")->AttributeOr("timestamp"), "1763716800");
}

TEST_F(ClientTest, StaysQuiet) {
  LogIn();
  // A message is acked and nothing more: no receipt, no presence, no retry.
  PeerSends(MakeNode("message", {{"id", std::string("M1")},
                                 {"from", kContact},
                                 {"type", std::string("text")}}));
  EXPECT_EQ(PeerReceives().tag, "ack");
  auto next = StartCoroutine(io_, peer_->Receive());
  RunFor(io_, absl::Milliseconds(50));
  EXPECT_FALSE(next.finished());
  client_.reset();
  EXPECT_THROW(next.Finish(), std::exception);
  EXPECT_THAT(events_.notices, IsEmpty());
}

}  // namespace
}  // namespace portrait::whatsapp
