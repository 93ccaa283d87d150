// Tests a client's own tasks, from login to the end of the stream.
#include <gmock/gmock.h>

#include "core/whatsapp/name_text.h"
#include "core/whatsapp/privacy_token.h"
#include "core/whatsapp/signed_prekeys.h"
#include "core/whatsapp/testing/client_test_fixture.h"

namespace portrait::whatsapp {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using ClientLifeTest = ClientTest;

// The time that SendSuccess() sends.
const absl::Time kServerTime = absl::FromUnixSeconds(1763716800);

// ---- login -----------------------------------------------------------------

TEST_F(ClientLifeTest, ItsFirstLoginUploadsPrekeysAndFetchesPropsThenIsActive) {
  device_.lid = Jid();
  device_.next_prekey_id = 1;
  device_.ab_props = AbProps();
  auto login = StartLogin();
  SendSuccess();
  // A second <success> has no effect.
  SendSuccess();
  const Node upload = PeerReceives();
  EXPECT_EQ(upload.AttributeOr("xmlns"), "encrypt");
  EXPECT_EQ(upload.AttributeOr("type"), "set");
  ASSERT_NE(upload.FindChild("list"), nullptr);
  EXPECT_THAT(upload.FindChild("list")->children(), SizeIs(812));
  // Before the upload, the device was stored with the next id.
  ASSERT_THAT(events_.devices, Not(IsEmpty()));
  EXPECT_EQ(events_.devices.back().next_prekey_id, 813u);
  EXPECT_TRUE(IsMissingPrekeys(events_.devices.back()));
  AnswerOk(upload);

  const Node props = PeerReceives();
  ASSERT_NE(props.FindChild("props"), nullptr);
  EXPECT_FALSE(IsMissingPrekeys(events_.devices.back()));
  AnswerProps(props, {});

  const Node active = PeerReceives();
  EXPECT_EQ(active.AttributeOr("xmlns"), "passive");
  EXPECT_NE(active.FindChild("active"), nullptr);
  EXPECT_FALSE(login.finished());
  AnswerOk(active);
  const LoggedIn client = login.Finish();
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ((*client)->device().lid, kOwnLid);
  EXPECT_EQ((*client)->device().login_counter, device_.login_counter + 1);
  EXPECT_FALSE(IsLoginPassive((*client)->device()));
}

TEST_F(ClientLifeTest, ALaterLoginOnlyMarksItsSession) {
  LogIn();
  EndBacklog();
  Node mark = PeerReceives();
  while (mark.FindChild("unified_session") == nullptr) mark = PeerReceives();
  // The id follows our own clock, corrected by the server's time.
  const std::string id = mark.FindChild("unified_session")->AttributeOr("id");
  EXPECT_EQ(id.size(), UnifiedSessionId(kServerTime).size());
  EXPECT_LT(std::stoll(id) - std::stoll(UnifiedSessionId(kServerTime)), 10'000);
  EXPECT_GE(std::stoll(id) - std::stoll(UnifiedSessionId(kServerTime)), -1'000);
  EXPECT_TRUE(client_->device().session_marked);
  EXPECT_NE(PeerReceives().FindChild("digest"), nullptr);
  PeerReceivesNothingMore();
}

TEST_F(ClientLifeTest, AReconnectDoesNotMarkTheSessionAgain) {
  device_.session_marked = true;
  LogIn();
  EndBacklog();
  EXPECT_NE(PeerReceives().FindChild("digest"), nullptr);
  PeerReceivesNothingMore();
}

TEST_F(ClientLifeTest, APendingUploadIsRepeatedByTheNextLogin) {
  device_.prekey_upload_pending = true;
  auto login = StartLogin();
  SendSuccess();
  const Node upload = PeerReceivesIq();
  ASSERT_NE(upload.FindChild("list"), nullptr);
  AnswerError(upload, "503");
  AnswerOk(PeerReceivesIq());
  const LoggedIn client = login.Finish();
  ASSERT_TRUE(client.ok());
  EXPECT_TRUE(IsLoginPassive((*client)->device()));
}

TEST_F(ClientLifeTest, ContinuesWithoutTasksThatTheServerRefuses) {
  device_.next_prekey_id = 1;
  device_.ab_props = AbProps();
  auto login = StartLogin();
  SendSuccess();
  AnswerError(PeerReceivesIq(), "503");
  AnswerError(PeerReceivesIq(), "500");
  AnswerError(PeerReceivesIq(), "500");
  EXPECT_TRUE(login.Finish().ok());
}

TEST_F(ClientLifeTest,
       SendsNoFurtherRequestsBeforeTheQueuedStanzasHaveArrived) {
  LogIn();
  PeerReceivesNothingMore();
}

TEST_F(ClientLifeTest, FetchesPropsThatChangedAndObeysThem) {
  const absl::Time now = absl::Now();
  ASSERT_TRUE(
      device_.privacy_tokens.Keep({kContact, Jid(), "token", now}, now));
  device_.ab_props.hash = "H0";
  device_.ab_props.refresh_id = "R0";
  LogIn();
  EXPECT_TRUE(client_->HasPrivacyToken(kContact, Jid()));
  EndBacklog();
  const Node query = PeerReceivesIqWith("props");
  EXPECT_EQ(query.AttributeOr("xmlns"), "abt");
  EXPECT_EQ(query.AttributeOr("type"), "get");
  // <success> had another refresh id, so all props are fetched, not only
  // changes.
  EXPECT_FALSE(query.FindChild("props")->Attribute("hash").has_value());
  AnswerProps(query, {MakeNode("prop", {{"config_code", std::string("9666")},
                                        {"config_value", std::string("0")}})});
  ASSERT_TRUE(
      RunUntil(io_, [&] { return !client_->props().token_with_picture; }));
  // The picture query does not carry the token that its owner has given us.
  EXPECT_FALSE(client_->HasPrivacyToken(kContact, Jid()));
  PictureQuery about;
  about.target = kContact;
  auto picture = StartCoroutine(io_, client_->FetchPicture(about));
  const Node asked = PeerReceivesIqWith("picture");
  EXPECT_TRUE(asked.FindChild("picture")->children().empty());
  AnswerError(asked, "404");
  EXPECT_TRUE(picture.Finish().ok());
  EXPECT_EQ(client_->props().refresh_id, "R1");
  // The props are fetched again after the time in the answer: only the changes.
  const Node again = PeerReceivesIqWith("props");
  EXPECT_EQ(again.FindChild("props")->AttributeOr("hash"), "H1");
}

// ---- keys ------------------------------------------------------------------

TEST_F(ClientLifeTest, UploadsMorePrekeysWhenTheyRunLow) {
  LogIn();
  const uint32_t first_id = client_->device().next_prekey_id;
  // The server decides when keys are low. Two notifications lead to one upload.
  TellOfKeys(MakeNode("count", {{"value", std::string("100")}}));
  TellOfKeys(MakeNode("count", {{"value", std::string("100")}}));
  EndBacklog();
  const Node upload = PeerReceivesIqWith("list");
  EXPECT_THAT(upload.FindChild("list")->children(), SizeIs(812));
  EXPECT_EQ(client_->device().next_prekey_id, first_id + kPrekeyBatch);
  AnswerOk(upload);
  RunFor(io_, absl::Milliseconds(100));
  EXPECT_EQ(client_->device().next_prekey_id, first_id + kPrekeyBatch);
}

TEST_F(ClientLifeTest, TriesAFailedUploadAgain) {
  LogIn();
  TellOfKeys(MakeNode("count", {{"value", std::string("3")}}));
  EndBacklog();
  const Node upload = PeerReceivesIqWith("list");
  AnswerError(upload, "503");
  EXPECT_NE(PeerReceivesIqWith("list"), upload);
}

TEST_F(ClientLifeTest, IgnoresANotificationAboutKeysFromAContact) {
  LogIn();
  EndBacklog();
  AnswerOk(PeerReceivesIqWith("digest"));
  Node notification =
      MakeNode("notification", {{"id", std::string("N1")},
                                {"from", kContact},
                                {"type", std::string("encrypt")}});
  notification.AddChild(MakeNode("count"));
  PeerSends(std::move(notification));
  while (PeerReceives().tag != "ack") {
  }
  PeerReceivesNothingMore();
}

TEST_F(ClientLifeTest, UploadsAllPrekeysAgainIfTheServerHasLostThem) {
  LogIn();
  EndBacklog();
  AnswerError(PeerReceivesIqWith("digest"), "404");
  AnswerOk(PeerReceivesIqWith("list"));
  // The client compares its keys again when the server asks for it.
  TellOfKeys(MakeNode("digest"));
  PeerReceivesIqWith("digest");
}

TEST_F(ClientLifeTest, ReplacesItsSignedPrekeyWhenItsTimeHasCome) {
  device_.paired_at = absl::Now() - kSignedPrekeyLife - absl::Hours(1);
  LogIn();
  EndBacklog();
  const Node offer = PeerReceivesIqWith("rotate");
  EXPECT_EQ(offer.AttributeOr("xmlns"), "encrypt");
  EXPECT_EQ(offer.AttributeOr("type"), "set");
  const Node* const skey = offer.FindChild("rotate")->FindChild("skey");
  ASSERT_NE(skey, nullptr);
  EXPECT_EQ(skey->FindChild("id")->Data(), std::string("\0\0\2", 3));
  EXPECT_TRUE(
      XeddsaVerify(device_.identity_key.public_key,
                   SignedPrekeyMessage(skey->FindChild("value")->Data()),
                   skey->FindChild("signature")->Data()));
  // The offered key could be stored before the offer, beside the current key.
  const Device stored = events_.devices.back();
  EXPECT_EQ(stored.signed_prekey.id, 1u);
  ASSERT_TRUE(stored.offered_signed_prekey.has_value());
  AnswerOk(offer);
  ASSERT_TRUE(
      RunUntil(io_, [&] { return client_->device().signed_prekey.id == 2; }));
  EXPECT_FALSE(client_->device().offered_signed_prekey.has_value());
  EXPECT_EQ(events_.devices.back().signed_prekey.key.public_key,
            skey->FindChild("value")->Data());
}

TEST_F(ClientLifeTest, RepeatsTheOfferOfAKeyThatTheServerMayHaveAccepted) {
  device_.paired_at = absl::Now() - kSignedPrekeyLife - absl::Hours(1);
  LogIn();
  EndBacklog();
  const Node offer = PeerReceivesIqWith("rotate");
  client_.reset();
  device_ = events_.devices.back();
  LogIn();
  EndBacklog();
  EXPECT_EQ(PeerReceivesIqWith("rotate").content, offer.content);
}

// ---- stanzas from the server -----------------------------------------------

TEST_F(ClientLifeTest, KeepsRoutingInfoForTheNextConnection) {
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

TEST_F(ClientLifeTest, RequestsQueuedStanzasInBatches) {
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
  // Two of three queued stanzas have arrived.
  EXPECT_NE(PeerReceives().FindChild("offline_batch"), nullptr);
  PeerSends(MakeNode("message", {{"id", std::string("M3")},
                                 {"from", kContact},
                                 {"offline", std::string("0")}}));
  EXPECT_EQ(PeerReceives().AttributeOr("id"), "M3");
  SendIb(MakeNode("offline", {{"count", std::string("3")}}));
  // These are only the stanzas that a client sends after every login.
  PeerReceivesIqWith("digest");
  PeerReceivesNothingMore();
}

TEST_F(ClientLifeTest, AnEmptyQueueIsNotAskedFor) {
  LogIn();
  SendIb(MakeNode("offline_preview", {{"count", std::string("0")}}));
  PeerReceivesNothingMore();
}

TEST_F(ClientLifeTest, ConfirmsWhichDataTheServerCalledDirty) {
  LogIn();
  const auto dirty = [](const char* type) {
    return MakeNode("dirty", {{"type", std::string(type)},
                              {"timestamp", std::string("1763716800")}});
  };
  SendIb(dirty("groups"));
  SendIb(MakeNode("dirty"));
  SendIb(dirty("account_sync"));
  // Both types wait for the end of the queued stanzas and share one request.
  EndBacklog();
  const Node clean = PeerReceivesIqWith("clean");
  EXPECT_EQ(clean.AttributeOr("xmlns"), "urn:xmpp:whatsapp:dirty");
  EXPECT_NE(clean.AttributeOr("id"), "");
  ASSERT_THAT(clean.children(), SizeIs(2));
  EXPECT_EQ(clean.children()[0].AttributeOr("type"), "groups");
  EXPECT_EQ(clean.children()[1].AttributeOr("type"), "account_sync");
  EXPECT_EQ(clean.children()[1].AttributeOr("timestamp"), "1763716800");
}

TEST_F(ClientLifeTest, IgnoresUnknownAndUnusedStanzas) {
  LogIn();
  for (const char* tag :
       {"thread_metadata", "tos", "recovery_nonce", "priority_offline_complete",
        "unheard_of", "edge_routing", "client_expiration"}) {
    SendIb(MakeNode(tag));
  }
  for (const char* time : {"1795286400", "soon", "18446744073709551615"}) {
    SendIb(MakeNode("client_expiration", {{"t", std::string(time)}}));
  }
  PeerSends(MakeNode("presence", {{"from", kContact}}));
  PeerSends(MakeNode("unheard_of"));
  PeerReceivesNothingMore();
}

TEST_F(ClientLifeTest, KnowsItsOwnersName) {
  LogIn();
  for (const std::string& name : {std::string("Ann"),
                                  std::string("\xE2\x80\xAE"
                                              "Ann"),
                                  std::string(5000, 'x')}) {
    PeerSends(MakeNode("notification", {{"id", std::string("N1")},
                                        {"from", kOwn.WithoutDevice()},
                                        {"type", std::string("account_sync")},
                                        {"pushname", name}}));
    EXPECT_EQ(PeerReceives().tag, "ack");
  }
  ASSERT_GE(events_.devices.size(), 2u);
  EXPECT_EQ(events_.devices[events_.devices.size() - 2].push_name, "Ann");
  EXPECT_EQ(events_.devices.back().push_name, std::string(kMaxNameBytes, 'x'));
}

TEST_F(ClientLifeTest, EndsTheStreamWhereTheServerMissesAnAck) {
  LogIn();
  Node error = MakeNode("stream:error");
  error.AddChild(MakeNode(
      "ack", {{"class", std::string("message")}, {"id", std::string("M1")}}));
  PeerSends(std::move(error));
  auto ended = StartCoroutine(io_, client_->WaitUntilEnded());
  EXPECT_EQ(ended.Finish().kind, StreamEnd::Kind::kDropped);
}

}  // namespace
}  // namespace portrait::whatsapp
