// Tests that the simulator refuses what WhatsApp refuses, and names the rule
// each time.
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/whatsapp/crypto.h"
#include "core/whatsapp/pairing.h"
#include "core/whatsapp/prekeys.h"
#include "core/whatsapp/privacy_token.h"
#include "core/whatsapp/signed_prekeys.h"
#include "tests/support/test_deadline.h"
#include "tests/whatsapp_sim/protocol/rules.h"
#include "tests/whatsapp_sim/testing/sim_test_fixture.h"

namespace portrait::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using whatsapp::Jid;
using whatsapp::MakeNode;
using whatsapp::Node;

const Jid kContact{"15550200000", whatsapp::kUserServer};
const Jid kContactLid{"100875997589545", whatsapp::kLidServer};

Simulator::Options Impatient() {
  Simulator::Options options;
  options.habits.patience = absl::Milliseconds(200);
  return options;
}

class SimRulesTest : public SimTest {
 protected:
  explicit SimRulesTest(Simulator::Options options = {})
      : SimTest(std::move(options)) {}

  // The names of the rules that were broken since the last call.
  std::vector<std::string> Broken() {
    std::vector<std::string> names;
    const std::vector<std::string> lines = simulator_.protocol_errors();
    for (; seen_ < lines.size(); ++seen_) {
      // A line has the form "rule NAME (…): …".
      const std::string line = lines[seen_].substr(5);
      names.push_back(line.substr(0, line.find(' ')));
    }
    return names;
  }

  // Waits until `count` violations have been counted.
  void AwaitBroken(size_t count) {
    const absl::Time give_up = absl::Now() + kTestDeadline;
    while (simulator_.protocol_errors().size() < count &&
           absl::Now() < give_up) {
      absl::SleepFor(absl::Milliseconds(5));
    }
  }

  void Deliver(v1::DeliverStanzasRequest request) {
    request.set_phone_number(kPhone);
    request.set_count(1);
    const absl::Status status = simulator_.control().DeliverStanzas(request);
    ASSERT_TRUE(status.ok()) << status;
  }

  // Waits until all earlier stanzas have been handled.
  static void Settle(SimTestClient& client) {
    ASSERT_TRUE(client.Ask(MakeIq("get", "w:p")).ok());
  }

 private:
  size_t seen_ = 0;
};

TEST(RulesTest, EachHasAName) {
  for (const RuleEntry& rule : AllRules()) {
    EXPECT_FALSE(rule.name.empty() || rule.asks.empty());
    EXPECT_EQ(RuleOf(Broken(rule.rule, "how")), rule.rule) << rule.name;
  }
  EXPECT_FALSE(RuleOf(absl::InvalidArgumentError("another")).has_value());
}

// ---- requests --------------------------------------------------------------

TEST_F(SimRulesTest, AnUnknownAttributeIsIgnoredAndReported) {
  SimTestClient client = Login(Link());
  Node with_token = MakeIq("get", "w:p");
  with_token.SetAttribute("token", std::string("1"));
  const Node with_time = MakeIq(
      "set", "passive", {MakeNode("active", {{"now", std::string("1")}})});
  for (const Node& iq : {with_token, with_time}) {
    SCOPED_TRACE(iq.DebugString());
    EXPECT_EQ("result", client.Ask(iq)->AttributeOr("type"));
    EXPECT_THAT(Broken(), ElementsAre("unknown-attribute"));
  }
}

TEST_F(SimRulesTest, RequestsHaveNoElementThatWhatsAppDoesNotKnow) {
  SimTestClient client = Login(Link());
  const std::string url = "url", image = "image";
  Node no_target = MakeIq("get", "w:profile:picture",
                          {MakeNode("picture", {{"query", url}})});
  const struct {
    Node iq;
    const char* rule;
  } cases[] = {
      {MakeIq("get", "abt", {MakeNode("props")}), "missing-attribute"},
      {no_target, "missing-attribute"},
      {MakeIq("get", "abt", {MakeNode("prop")}), "unknown-element"},
      {MakeUsync({MakeNode("user", {{"jid", kContact}},
                           Node::Children{MakeNode("picture")})},
                 {MakeNode("picture")}),
       "unknown-element"},
      {MakeUsync({MakeNode("user", {{"jid", kContact}})}, {MakeNode("url")}),
       "unknown-element"},
      {MakeIq("get", "no:such:thing"), "iq-namespace"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.iq.DebugString());
    EXPECT_EQ("error", client.Ask(one.iq)->AttributeOr("type"));
    EXPECT_THAT(Broken(), ElementsAre(one.rule));
  }
}

TEST_F(SimRulesTest, AUsyncQueryHasAFormThatClientsSend) {
  SimTestClient client = Login(Link());
  const Node user = MakeNode("user", {{"jid", kContact}});
  const Node good = MakeUsync({user}, {MakeNode("lid")});
  EXPECT_EQ("result", client.Ask(good)->AttributeOr("type"));
  const std::pair<const char*, const char*> changes[] = {
      {"mode", "many"}, {"context", "curious"},
      {"index", "1"},   {"last", "false"},
      {"sid", ""},      {"sid", "test-8"},
  };
  for (const auto& [name, value] : changes) {
    SCOPED_TRACE(absl::StrCat(name, "=", value));
    Node bad = good;
    std::get<Node::Children>(bad.content)[0].SetAttribute(name,
                                                          std::string(value));
    EXPECT_EQ("error", client.Ask(bad)->AttributeOr("type"));
    EXPECT_THAT(Broken(), ElementsAre("usync"));
  }
}

TEST_F(SimRulesTest, InformationIsOfAKindThatClientsGive) {
  SimTestClient client = Login(Link());
  const auto say = [&](Node child) {
    ASSERT_TRUE(
        client.Send(MakeNode("ib", {}, Node::Children{std::move(child)})).ok());
    Settle(client);
  };
  const absl::Time now = absl::Now();
  say(MakeNode("unified_session", {{"id", whatsapp::UnifiedSessionId(now)}}));
  EXPECT_THAT(Broken(), IsEmpty());
  for (const absl::Time wrong : {now + absl::Hours(1), now - absl::Hours(1)}) {
    say(MakeNode("unified_session",
                 {{"id", whatsapp::UnifiedSessionId(wrong)}}));
    EXPECT_THAT(Broken(), ElementsAre("unified-session"));
  }
  say(MakeNode("unified_session"));
  EXPECT_THAT(Broken(), ElementsAre("unified-session"));
  say(MakeNode("offline_batch"));
  EXPECT_THAT(Broken(), ElementsAre("offline-batch"));
  say(MakeNode("rumour"));
  EXPECT_THAT(Broken(), ElementsAre("ib-child"));
}

TEST_F(SimRulesTest, CountsActionsVisibleToOtherPeople) {
  SimTestClient client = Login(Link());
  for (const char* tag : {"presence", "receipt", "message", "chatstate"}) {
    ASSERT_TRUE(client.Send(MakeNode(tag)).ok());
  }
  Settle(client);
  EXPECT_EQ(4u, simulator_.control().GetStats().noticeable_stanzas());
  EXPECT_THAT(Broken(), IsEmpty());
  ASSERT_TRUE(client.Send(MakeNode("gossip")).ok());
  Settle(client);
  EXPECT_THAT(Broken(), ElementsAre("stanza-tag"));
}

// ---- acks ------------------------------------------------------------------

TEST_F(SimRulesTest, AnAckRepeatsTheAttributesOfItsStanza) {
  const whatsapp::Device device = Link();
  SimTestClient client = Login(device);
  v1::DeliverStanzasRequest request;
  request.set_tag("receipt");
  request.set_type("played");
  request.set_from(kContactLid.ToString());
  request.set_participant(kContact.ToString());
  request.set_recipient(kContact.ToString());
  Deliver(request);
  const Node stanza = client.ReceiveTag("receipt").value();
  const Node good = MakeNode("ack", {{"class", std::string("receipt")},
                                     {"id", stanza.AttributeOr("id")},
                                     {"to", kContactLid},
                                     {"participant", kContact},
                                     {"recipient", kContact},
                                     {"type", std::string("played")}});
  const auto without = [&](absl::string_view name) {
    Node ack = MakeNode("ack");
    for (const auto& [key, value] : good.attributes) {
      if (key != name) ack.SetAttribute(key, value);
    }
    return ack;
  };
  const auto with = [&](absl::string_view name,
                        whatsapp::AttributeValue value) {
    Node ack = good;
    ack.SetAttribute(name, std::move(value));
    return ack;
  };
  const struct {
    Node ack;
    const char* rule;
  } cases[] = {
      {with("id", std::string("unknown")), "ack-unasked"},
      {with("class", std::string("message")), "ack-form"},
      {with("to", kContact), "ack-form"},
      {with("to", whatsapp::PhoneNumberJid(kContactLid.user)), "ack-address"},
      {without("participant"), "ack-form"},
      {without("recipient"), "ack-recipient"},
      {without("type"), "ack-type"},
      {with("type", std::string("delivery")), "ack-type"},
      {with("from", kContact), "ack-form"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.ack.DebugString());
    ASSERT_TRUE(client.Send(one.ack).ok());
    Settle(client);
    EXPECT_THAT(Broken(), ElementsAre(one.rule));
  }
  ASSERT_TRUE(client.Send(good).ok());
  Settle(client);
  EXPECT_THAT(Broken(), IsEmpty());
}

TEST_F(SimRulesTest, ReportsAnAckWithoutRecipient) {
  SimTestClient client = Login(Link());
  v1::DeliverStanzasRequest request;
  request.set_tag("message");
  request.set_from(kContact.ToString());
  request.set_recipient(kContactLid.ToString());
  Deliver(request);
  const std::string id = client.ReceiveTag("message")->AttributeOr("id");
  ASSERT_TRUE(client
                  .Send(MakeNode("ack", {{"class", std::string("message")},
                                         {"id", id},
                                         {"to", kContact}}))
                  .ok());
  const Node error = client.ReceiveTag("stream:error").value();
  ASSERT_NE(nullptr, error.FindChild("ack"));
  EXPECT_EQ("message", error.FindChild("ack")->AttributeOr("class"));
  EXPECT_EQ(id, error.FindChild("ack")->AttributeOr("id"));
}

class SimDutiesTest : public SimRulesTest {
 protected:
  SimDutiesTest() : SimRulesTest(Impatient()) {}
};

TEST_F(SimDutiesTest, RecyclesTheStreamOfAClientThatDoesNotAck) {
  const whatsapp::Device device = Link();
  SimTestClient client = Login(device);
  v1::DeliverStanzasRequest request;
  request.set_tag("call");
  Deliver(request);
  const std::string id = client.ReceiveTag("call")->AttributeOr("id");
  const Node error = client.ReceiveTag("stream:error").value();
  EXPECT_EQ(id, error.FindChild("ack")->AttributeOr("id"));
  EXPECT_TRUE(client.ReceiveTag("xmlstreamend").ok());
  EXPECT_FALSE(client.Receive().ok());
  EXPECT_THAT(Broken(), ::testing::Contains("ack-missing"));
  // The stanza is sent again until there is an ack.
  SimTestClient again = Login(device);
  EXPECT_EQ(id, again.ReceiveTag("call")->AttributeOr("id"));
}

TEST_F(SimDutiesTest, MissesPrekeysThatAreNeverUploaded) {
  SimTestClient client = Login(Link());
  AwaitBroken(1);
  EXPECT_THAT(Broken(), ElementsAre("prekeys-missing"));
}

// ---- keys ------------------------------------------------------------------

TEST_F(SimRulesTest, PrekeysAreTheDevicesOwnAndNew) {
  whatsapp::Device device = Link();
  SimTestClient client = Login(device);
  const auto upload = [&](const whatsapp::Device& claimed,
                          const std::vector<whatsapp::Prekey>& prekeys) {
    const Node answer =
        client.Ask(whatsapp::MakePrekeyUpload(claimed, prekeys)).value();
    return ErrorCode(answer);
  };
  const std::vector<whatsapp::Prekey> prekeys =
      whatsapp::DrawPrekeys(device, 20);
  EXPECT_EQ("", upload(device, prekeys));
  EXPECT_THAT(Broken(), IsEmpty());

  whatsapp::Device other = device;
  ++other.registration_id;
  EXPECT_EQ("400", upload(other, whatsapp::DrawPrekeys(device, 1)));
  EXPECT_THAT(Broken(), ElementsAre("prekeys"));
  EXPECT_EQ("400", upload(device, {}));
  EXPECT_THAT(Broken(), ElementsAre("prekeys"));
  other = device;
  other.signed_prekey.signature[3] ^= 1;
  EXPECT_EQ("406", upload(other, whatsapp::DrawPrekeys(device, 1)));
  EXPECT_THAT(Broken(), ElementsAre("signed-prekey"));
  // The id of a key that was taken must not be reused, either.
  ASSERT_EQ(10u, simulator_.control().TakePrekeys(kPhone, 10).value());
  for (const size_t i : {0, 15}) {
    whatsapp::Prekey reused = prekeys[i];
    reused.public_key = whatsapp::MakeKeyPair().public_key;
    EXPECT_EQ("409", upload(device, {reused}));
    EXPECT_THAT(Broken(), ElementsAre("prekey-reused"));
  }
}

TEST_F(SimRulesTest, NotifiesWhenPrekeysRunLow) {
  whatsapp::Device device = Link();
  SimTestClient client = Login(device);
  ASSERT_TRUE(client
                  .Ask(whatsapp::MakePrekeyUpload(
                      device, whatsapp::DrawPrekeys(device, 20)))
                  .ok());
  EXPECT_EQ(4u, simulator_.control().TakePrekeys(kPhone, 16).value());
  const Node notification = client.ReceiveTag("notification").value();
  EXPECT_EQ("encrypt", notification.AttributeOr("type"));
  EXPECT_EQ("4", notification.FindChild("count")->AttributeOr("value"));
}

TEST_F(SimRulesTest, KeepsTheSignedPrekeyThatWasOffered) {
  whatsapp::Device device = Link();
  SimTestClient client = Login(device);
  ASSERT_TRUE(client
                  .Ask(whatsapp::MakePrekeyUpload(
                      device, whatsapp::DrawPrekeys(device, 1)))
                  .ok());
  whatsapp::SignedPrekey offered = whatsapp::StageSignedPrekey(device);
  EXPECT_EQ(
      "", ErrorCode(
              client.Ask(whatsapp::MakeSignedPrekeyRotation(offered)).value()));
  whatsapp::SettleSignedPrekey(device, 0, absl::Now());
  const auto digest = [&] {
    return whatsapp::CheckKeyDigest(
        client.Ask(whatsapp::MakeKeyDigestQuery()).value(), device);
  };
  EXPECT_TRUE(digest().ok()) << digest();
  offered.signature[0] ^= 1;
  EXPECT_EQ(
      "406",
      ErrorCode(
          client.Ask(whatsapp::MakeSignedPrekeyRotation(offered)).value()));
  EXPECT_THAT(Broken(), ElementsAre("signed-prekey"));
  EXPECT_TRUE(digest().ok());
}

// ---- addresses of contacts -------------------------------------------------

TEST_F(SimRulesTest, AContactIsQueriedByItsOwnKindOfAddress) {
  const whatsapp::Device device = Link();
  SimTestClient client = Login(device);
  const v1::Account account =
      Find([](const v1::Account& a) { return a.registered(); });
  const auto user = [](const Jid& jid) {
    return MakeUsync({MakeNode("user", {{"jid", jid}})}, {MakeNode("picture")});
  };
  const auto picture = [](const Jid& target) {
    Node iq = MakeIq("get", "w:profile:picture",
                     {MakeNode("picture", {{"type", std::string("image")},
                                           {"query", std::string("url")}})});
    iq.SetAttribute("target", target);
    return iq;
  };
  const Jid pn = whatsapp::PhoneNumberJid(account.phone_number().substr(1));
  const Jid lid = whatsapp::ParseJid(account.lid()).value();
  // The answer to this query contains the LID. The simulator therefore detects
  // if the client later uses the LID's digits as a phone number.
  ASSERT_EQ("result", client.Ask(user(pn))->AttributeOr("type"));
  ASSERT_THAT(Broken(), IsEmpty());
  Jid with_device = pn;
  with_device.device = 3;
  Node many = MakeIq("get", "w:g2", {MakeNode("pictures")});
  many.SetAttribute("to", Jid{"", whatsapp::kGroupServer});
  const struct {
    Node iq;
    const char* rule;
    const char* code;
  } refused[] = {
      {user(whatsapp::PhoneNumberJid(lid.user)), "lid-server", "421"},
      {picture(whatsapp::PhoneNumberJid(lid.user)), "lid-server", "421"},
      {user(with_device), "contact-jid", "400"},
      {many, "group-pictures", "400"},
      {MakeIq("get", "w:biz", {MakeNode("business_profile")}),
       "business-profile", "400"},
  };
  for (const auto& one : refused) {
    SCOPED_TRACE(one.iq.DebugString());
    EXPECT_EQ(one.code, ErrorCode(client.Ask(one.iq).value()));
    EXPECT_THAT(Broken(), ElementsAre(one.rule));
  }
  const Node token = MakeNode("tctoken", {}, Node::Bytes{"token"});
  Node beside = picture(pn);
  beside.AddChild(token);
  Node own = picture(device.jid.WithoutDevice());
  std::get<Node::Children>(own.content)[0].AddChild(token);
  const std::pair<Node, const char*> silenced[] = {
      {user(whatsapp::PhoneNumberJid("0")), "announcements"},
      {beside, "token-place"},
      {own, "own-token"},
  };
  for (const auto& [iq, rule] : silenced) {
    SCOPED_TRACE(iq.DebugString());
    EXPECT_TRUE(client.IsMetWithSilence(iq));
    EXPECT_THAT(Broken(), ElementsAre(rule));
  }
}

// ---- pairing and login -----------------------------------------------------

TEST_F(SimRulesTest, AClientThatIsBeingPairedOnlyPairs) {
  const whatsapp::Device device = whatsapp::MakeDevice();
  SimTestClient client = Connect(device);
  const Node pair_device = client.ReceiveTag("iq").value();
  const Node user = MakeNode("user", {{"jid", kContact}});
  EXPECT_EQ(
      "401",
      ErrorCode(client.Ask(MakeUsync({user}, {MakeNode("picture")})).value()));
  EXPECT_THAT(Broken(), ElementsAre("iq-before-login"));
  const std::string code = whatsapp::QrCodeText(
      pair_device.FindChild("pair-device")->children().front().Data(), device);
  const std::string four_fields = code.substr(0, code.rfind(','));
  const std::pair<std::string, const char*> codes[] = {
      {four_fields, "qr-code-fields"},
      {four_fields + ",0", "qr-client-type"},
  };
  for (const auto& [text, rule] : codes) {
    EXPECT_FALSE(simulator_.control().ScanQrCode(text, kPhone).ok()) << text;
    EXPECT_THAT(Broken(), ElementsAre(rule));
  }
}

TEST_F(SimRulesTest, ALoginIsThatOfALinkedDevice) {
  whatsapp::Device device = Link();
  SimTestClient client = Login(device);
  ASSERT_TRUE(client.Send(MakeNode("iq", {{"type", std::string("get")}})).ok());
  Settle(client);
  EXPECT_THAT(Broken(), ElementsAre("iq-form"));
  device.noise_key = whatsapp::MakeKeyPair();
  EXPECT_EQ("401", Connect(device).Receive()->AttributeOr("reason"));
  EXPECT_THAT(Broken(), ElementsAre("static-key"));
  whatsapp::Device forged = whatsapp::MakeDevice();
  forged.signed_prekey.signature[0] ^= 1;
  EXPECT_EQ("400", Connect(forged).Receive()->AttributeOr("reason"));
  EXPECT_THAT(Broken(), ElementsAre("registration"));
}

// ---- streams ---------------------------------------------------------------

TEST_F(SimRulesTest, RefusesLoginsOnRequest) {
  const whatsapp::Device device = Link();
  v1::RefuseLoginsRequest request;
  request.set_phone_number(kPhone);
  request.set_count(1);
  request.set_reason(402);
  request.set_code(101);
  request.mutable_expire()->set_seconds(3600);
  ASSERT_TRUE(simulator_.control().RefuseLogins(request).ok());
  const Node failure = Connect(device).Receive().value();
  EXPECT_EQ("failure", failure.tag);
  EXPECT_EQ("402", failure.AttributeOr("reason"));
  EXPECT_EQ("101", failure.AttributeOr("code"));
  EXPECT_EQ("3600", failure.AttributeOr("expire"));
  EXPECT_EQ("success", Connect(device).Receive()->tag);
  EXPECT_THAT(Broken(), IsEmpty());
}

class SimRecycleTest : public SimRulesTest {
 protected:
  SimRecycleTest() : SimRulesTest(Recycling()) {}

  static Simulator::Options Recycling() {
    Simulator::Options options;
    options.habits.stream_life = absl::Milliseconds(50);
    return options;
  }
};

TEST_F(SimRecycleTest, EndsStreamsNowAndThen) {
  const whatsapp::Device device = Link();
  for (int i = 0; i < 2; ++i) {
    SimTestClient client = Connect(device);
    EXPECT_TRUE(client.ReceiveTag("xmlstreamend").ok());
    EXPECT_FALSE(client.Receive().ok());
  }
  EXPECT_THAT(Broken(), IsEmpty());
}

}  // namespace
}  // namespace portrait::sim
