#include "core/whatsapp/testing/client_test_fixture.h"

#include <gmock/gmock.h>

namespace portrait::whatsapp {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

UsyncQuery About(const std::vector<Jid>& contacts) {
  UsyncQuery query;
  for (const Jid& contact : contacts) query.contacts.push_back({contact});
  return query;
}

// ---- login -----------------------------------------------------------------

TEST_F(ClientTest, ReportsWhyALoginIsRefused) {
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

TEST_F(ClientTest, ALoginWithoutAnAnswerTimesOut) {
  options_.request_timeout = absl::Milliseconds(50);
  auto login = StartLogin();
  const absl::Status status = login.Finish().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(RunCoroutine(io_, peer_->SeesClose()));
}

TEST_F(ClientTest, AStreamThatEndsDuringTheTasksOfALoginEndsIt) {
  device_.next_prekey_id = 1;
  auto login = StartLogin();
  SendSuccess();
  PeerReceivesIq();
  PeerSends(MakeNode("stream:error", {{"code", std::string("429")}}));
  EXPECT_TRUE(absl::IsUnavailable(login.Finish().status()));
  EXPECT_EQ(end_.kind, StreamEnd::Kind::kThrottled);
}

TEST_F(ClientTest, SaysWhyTheServerCannotBeReached) {
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
  auto usync = StartCoroutine(io_, client_->FetchUsync(About({kContact})));
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

TEST_F(ClientTest, RefusesQueriesThatWhatsAppNeverAnswers) {
  const absl::Time now = absl::Now();
  device_.privacy_tokens.Keep(
      {kOwn.WithoutDevice(), kOwnLid.WithoutDevice(), "token", now}, now);
  LogIn();
  const Jid announcements{"0", kUserServer};
  EXPECT_TRUE(absl::IsInvalidArgument(
      RunCoroutine(io_, client_->FetchUsync(About({kContact, announcements})))
          .status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      RunCoroutine(io_, client_->FetchUsync(About({}))).status()));
  PictureQuery query;
  query.target = announcements;
  EXPECT_TRUE(absl::IsInvalidArgument(
      RunCoroutine(io_, client_->FetchPicture(query)).status()));
  // The query for one's own picture carries no token.
  query.target = kOwn.WithoutDevice();
  auto own = StartCoroutine(io_, client_->FetchPicture(query));
  const Node iq = PeerReceives();
  ASSERT_NE(iq.FindChild("picture"), nullptr);
  EXPECT_EQ(iq.FindChild("picture")->FindChild("tctoken"), nullptr);
}

TEST_F(ClientTest, MayBeDestroyedWhileItsQueriesWait) {
  LogIn();
  auto usync = StartCoroutine(io_, client_->FetchUsync(About({kContact})));
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
  PeerSends(MakeNode("stream:error", {{"code", std::string("516")}}));
  EXPECT_TRUE(logout.Finish().ok());
}

// ---- notifications ---------------------------------------------------------

TEST_F(ClientTest, ReportsAndAcksNotificationsAboutPictures) {
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
  EXPECT_TRUE(events_.notices[0].outdated);
}

TEST_F(ClientTest, ATokenIsStoredAndSentWithQueriesForItsOwnersPicture) {
  LogIn();
  const Jid contact_lid{"100875997589545", kLidServer};
  EXPECT_FALSE(client_->HasPrivacyToken(kContact, contact_lid));
  Node tokens = MakeNode("tokens");
  tokens.AddChild(
      MakeNode("token",
               {{"type", std::string("trusted_contact")},
                {"t", absl::StrCat(absl::ToUnixSeconds(absl::Now()))},
                {"jid", kOwn.WithoutDevice()}},
               Node::Bytes{"\x01\xFE"}));
  Node notification =
      MakeNode("notification", {{"id", std::string("N1")},
                                {"from", kContact},
                                {"sender_lid", contact_lid},
                                {"type", std::string("privacy_token")}});
  notification.AddChild(tokens);
  PeerSends(notification);
  EXPECT_EQ(PeerReceives().tag, "ack");
  // A picture that was hidden may now be visible.
  ASSERT_THAT(events_.notices, SizeIs(1));
  EXPECT_EQ(events_.notices[0].jid, kContact);
  EXPECT_TRUE(events_.notices[0].outdated);

  for (const Jid& jid : {kContact, contact_lid}) {
    PictureQuery query;
    query.target = jid;
    auto picture = StartCoroutine(io_, client_->FetchPicture(query));
    const Node iq = PeerReceivesIqWith("picture");
    const Node* const token = iq.FindChild("picture")->FindChild("tctoken");
    ASSERT_NE(token, nullptr);
    EXPECT_EQ(token->Data(), "\x01\xFE");
    EXPECT_TRUE(token->attributes.empty());
    AnswerError(iq, "404");
    EXPECT_TRUE(picture.Finish().ok());
  }
  // Tokens that arrive together are stored together, at the latest when the
  // stream ends.
  events_.devices.clear();
  client_.reset();
  ASSERT_THAT(events_.devices, SizeIs(1));
  EXPECT_EQ(events_.devices[0].privacy_tokens.all().size(), 1u);
}

TEST_F(ClientTest, ATokenIsSentWithItsTimeIfTheServerWantsIt) {
  const absl::Time now =
      absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
  device_.privacy_tokens.Keep({kContact, Jid(), "token", now}, now);
  device_.ab_props.token_with_time = true;
  LogIn();
  PictureQuery query;
  query.target = kContact;
  auto picture = StartCoroutine(io_, client_->FetchPicture(query));
  const Node iq = PeerReceivesIqWith("picture");
  const Node* const token = iq.FindChild("picture")->FindChild("tctoken");
  ASSERT_NE(token, nullptr);
  EXPECT_EQ(token->AttributeOr("t"), absl::StrCat(absl::ToUnixSeconds(now)));
  AnswerError(iq, "404");
  EXPECT_TRUE(picture.Finish().ok());
}

TEST_F(ClientTest, ATokenIsErasedByEitherAddressOfItsOwner) {
  const Jid contact_lid{"100875997589545", kLidServer};
  for (const Jid& jid : {kContact, contact_lid}) {
    PrivacyTokens tokens;
    ASSERT_TRUE(tokens.Keep({kContact, contact_lid, "secret", absl::Now()},
                            absl::Now()));
    EXPECT_FALSE(tokens.Forget(kOwn));
    EXPECT_FALSE(tokens.Forget(Jid()));
    EXPECT_TRUE(tokens.Forget(jid));
    EXPECT_THAT(tokens.all(), SizeIs(0));
  }
}

TEST_F(ClientTest, SendsNoReceiptOrPresenceForAMessage) {
  LogIn();
  // A message is only acked: no receipt, no presence, no retry.
  PeerSends(MakeNode("message", {{"id", std::string("M1")},
                                 {"from", kContact},
                                 {"type", std::string("text")}}));
  EXPECT_EQ(PeerReceives().tag, "ack");
  PeerReceivesNothingMore();
  EXPECT_THAT(events_.notices, IsEmpty());
}

}  // namespace
}  // namespace portrait::whatsapp
