#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/whatsapp/node_codec.h"
#include "core/whatsapp/queries.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/vectors.h"

namespace portrait::whatsapp {
namespace {

using ::portrait::testing::Hex;
using ::portrait::testing::Json;
using ::portrait::testing::NodeOf;
using ::portrait::testing::Vectors;

const Jid kAnn = PhoneNumberJid("15551230001");
const Jid kBob = PhoneNumberJid("4915112345678");
const Jid kAnnLid = {"99887766554433", kLidServer};

Node Contact(absl::string_view type, absl::string_view text) {
  return MakeNode("contact", {{"type", std::string(type)}},
                  Node::Bytes{std::string(text)});
}

Node User(const Jid& jid, Node::Children protocols) {
  return MakeNode("user", {{"jid", jid}}, std::move(protocols));
}

Node ErrorNode(int code, absl::string_view text = "text",
               absl::string_view backoff = "") {
  Node error = MakeNode(
      "error", {{"code", absl::StrCat(code)}, {"text", std::string(text)}});
  if (!backoff.empty()) error.SetAttribute("backoff", std::string(backoff));
  return error;
}

Node Failed(absl::string_view protocol, Node error) {
  return MakeNode(protocol, {}, Node::Children{std::move(error)});
}

// A result with these <user>s and these children of <result>.
Node Answer(Node::Children users, Node::Children result = {}) {
  Node usync = MakeNode("usync", {{"sid", "s"}});
  if (!result.empty()) {
    usync.AddChild(MakeNode("result", {}, std::move(result)));
  }
  usync.AddChild(MakeNode("list", {}, std::move(users)));
  return MakeNode("iq",
                  {{"from", ServerJid()}, {"type", "result"}, {"id", "1"}},
                  Node::Children{std::move(usync)});
}

UsyncAnswer Parse(const Node& iq, const std::vector<Jid>& asked) {
  absl::StatusOr<UsyncAnswer> answer = ParseUsyncAnswer(iq, asked);
  EXPECT_TRUE(answer.ok()) << answer.status();
  if (!answer.ok()) return UsyncAnswer{};
  EXPECT_EQ(answer->users.size(), asked.size());
  for (size_t i = 0; i < asked.size(); ++i) {
    EXPECT_EQ(answer->users[i].asked, asked[i]);
  }
  return *std::move(answer);
}

TEST(UsyncQueryTest, AsksForNumbersByContactText) {
  const Node query = MakeUsyncQuery({{{kAnn}, {kBob}}}, "31.7-4");
  Node expected_query = MakeNode("query");
  expected_query.AddChild(
      MakeNode("business", {}, Node::Children{MakeNode("verified_name")}));
  expected_query.AddChild(MakeNode("picture"));
  expected_query.AddChild(MakeNode("contact"));
  expected_query.AddChild(MakeNode("lid"));
  Node list = MakeNode("list");
  for (const char* number : {"15551230001", "4915112345678"}) {
    list.AddChild(
        MakeNode("user", {},
                 Node::Children{MakeNode("contact", {}, Node::Bytes{number})}));
  }
  EXPECT_EQ(
      query,
      MakeNode("iq", {{"xmlns", "usync"}, {"type", "get"}, {"to", ServerJid()}},
               Node::Children{MakeNode("usync",
                                       {{"sid", "31.7-4"},
                                        {"index", "0"},
                                        {"last", "true"},
                                        {"mode", "query"},
                                        {"context", "interactive"}},
                                       Node::Children{expected_query, list})}));
}

TEST(UsyncQueryTest, AsksForLidsByJidAndWithoutContact) {
  const Node query = MakeUsyncQuery({{{kAnnLid}}}, "1");
  const Node& usync = query.children().front();
  EXPECT_EQ(usync.FindChild("query")->FindChild("contact"), nullptr);
  EXPECT_NE(usync.FindChild("query")->FindChild("picture"), nullptr);
  EXPECT_EQ(usync.FindChild("list")->children().front(),
            MakeNode("user", {{"jid", kAnnLid}}));
}

TEST(UsyncQueryTest, OmitsProtocolsThatAreNotRequested) {
  UsyncQuery query;
  query.contacts = {{kAnn}};
  query.lid = query.business = false;
  const Node iq = MakeUsyncQuery(query, "1");
  EXPECT_EQ(*iq.children()[0].FindChild("query"),
            MakeNode("query", {},
                     Node::Children{MakeNode("picture"), MakeNode("contact")}));
}

TEST(UsyncAnswerTest, TellsEverythingOfARegisteredContact) {
  const UsyncAnswer answer =
      Parse(Answer({MakeNode(
                "user", {{"jid", kAnnLid}, {"pn_jid", kAnn}},
                Node::Children{Contact("in", "+15551230001"),
                               MakeNode("lid", {{"val", kAnnLid}}),
                               MakeNode("picture", {{"id", "1763716800"}})})}),
            {kAnn});
  const UsyncUser& user = answer.users[0];
  EXPECT_EQ(user.pn, kAnn);
  EXPECT_EQ(user.lid, kAnnLid);
  EXPECT_EQ(user.registered.value, true);
  EXPECT_EQ(user.picture_id.value, "1763716800");
  EXPECT_FALSE(user.business.value.has_value());
  EXPECT_FALSE(user.business.error.has_value());
}

TEST(UsyncAnswerTest, OnlyAKnownTypeTellsWhetherAContactIsRegistered) {
  const struct {
    const char* type;
    std::optional<bool> registered;
  } kCases[] = {{"in", true},       {"out", false},       {"invalid", false},
                {"", std::nullopt}, {"IN", std::nullopt}, {"?", std::nullopt}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.type);
    const UsyncAnswer answer =
        Parse(Answer({User(kAnn, {Contact(c.type, "+15551230001")})}), {kAnn});
    EXPECT_EQ(answer.users[0].registered.value, c.registered);
  }
  // A <contact> without a type is not an answer.
  const UsyncAnswer untold = Parse(
      Answer({User(kAnn, {MakeNode("contact", {}, Node::Bytes{"+1555"})})}),
      {kAnn});
  EXPECT_FALSE(untold.users[0].registered.value.has_value());
}

TEST(UsyncAnswerTest, ReadsTheEchoedNumberInEachForm) {
  const Node::Content kForms[] = {Node::Bytes{"+15551230001"},
                                  Node::Bytes{"15551230001"},
                                  Node::Bytes{"+15551230001@c.us"},
                                  std::string("15551230001"),
                                  Jid{"15551230001", "c.us"},
                                  Jid{"+15551230001", "c.us"},
                                  Node::Bytes{"15551230001@s.whatsapp.net"}};
  for (const Node::Content& form : kForms) {
    const UsyncAnswer answer = Parse(
        Answer({MakeNode(
            "user", {},
            Node::Children{MakeNode("contact", {{"type", "out"}}, form)})}),
        {kBob, kAnn});
    EXPECT_FALSE(answer.users[0].registered.value.has_value());
    EXPECT_EQ(answer.users[1].registered.value, false);
    EXPECT_TRUE(answer.users[1].pn.user.empty());
  }
}

TEST(UsyncAnswerTest, FollowsANumberToItsCanonicalForm) {
  const Jid asked = PhoneNumberJid("5215512345678");
  const Jid canonical = PhoneNumberJid("525512345678");
  // If both spellings are queried, the repeated text distinguishes them.
  const UsyncAnswer answer =
      Parse(Answer({User(canonical, {Contact("in", "+5215512345678"),
                                     MakeNode("picture", {{"id", "1"}})}),
                    User(canonical, {Contact("in", "+525512345678"),
                                     MakeNode("picture", {{"id", "2"}})})}),
            {asked, canonical});
  EXPECT_EQ(answer.users[0].pn, canonical);
  EXPECT_EQ(answer.users[0].picture_id.value, "1");
  EXPECT_EQ(answer.users[1].picture_id.value, "2");
}

TEST(UsyncAnswerTest, MatchesByAnyAddressWhenNothingIsEchoed) {
  const Node picture = MakeNode("picture", {{"id", "7"}});
  const Node lid = MakeNode("lid", {{"val", kAnnLid}});
  const struct {
    Node user;
    Jid asked;
  } kCases[] = {
      {User(kAnn, {picture}), kAnn},
      {User(Jid{"15551230001", "c.us"}, {picture}), kAnn},
      {MakeNode("user", {{"jid", kAnnLid}, {"pn_jid", kAnn}},
                Node::Children{picture}),
       kAnn},
      {MakeNode("user", {{"jid", "15551230001@s.whatsapp.net"}},
                Node::Children{picture}),
       kAnn},
      {User(kAnnLid, {picture}), kAnnLid},
      {User(kAnn, {lid, picture}), kAnnLid},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.user.DebugString());
    const UsyncAnswer answer = Parse(Answer({c.user}), {kBob, c.asked});
    EXPECT_EQ(answer.users[1].picture_id.value, "7");
    EXPECT_FALSE(answer.users[0].picture_id.value.has_value());
  }
}

TEST(UsyncAnswerTest, ALidThatIsListedIsRegistered) {
  const Jid other = {"11223344556677", kLidServer};
  const UsyncAnswer answer =
      Parse(Answer({MakeNode("user", {{"jid", kAnnLid}, {"pn_jid", kAnn}})}),
            {kAnnLid, other});
  EXPECT_EQ(answer.users[0].registered.value, true);
  EXPECT_EQ(answer.users[0].pn, kAnn);
  EXPECT_FALSE(answer.users[1].registered.value.has_value());
}

TEST(UsyncAnswerTest, AnUnlistedLidIsUnknownIfTheProtocolFailed) {
  for (const char* protocol : {"lid", "business", "picture"}) {
    SCOPED_TRACE(protocol);
    const UsyncAnswer answer =
        Parse(Answer({}, {Failed(protocol, ErrorNode(429))}), {kAnnLid, kAnn});
    EXPECT_EQ(answer.users[0].registered.error->code, 429);
    EXPECT_FALSE(answer.users[1].registered.error.has_value());
  }
}

TEST(UsyncAnswerTest, AnErrorOfOneProtocolLeavesTheOthersOfTheUser) {
  const UsyncAnswer answer = Parse(
      Answer({User(kAnn, {Failed("contact", ErrorNode(403, "forbidden")),
                          Failed("business", ErrorNode(500)),
                          Failed("picture", ErrorNode(401, "not-authorized"))}),
              User(kBob, {Contact("in", "+4915112345678"),
                          Failed("picture",
                                 ErrorNode(429, "rate-overlimit", "30"))})}),
      {kAnn, kBob});
  const UsyncUser& ann = answer.users[0];
  EXPECT_FALSE(ann.registered.value.has_value());
  EXPECT_EQ(ann.registered.error->code, 403);
  EXPECT_EQ(ann.registered.error->text, "forbidden");
  EXPECT_EQ(ann.business.error->code, 500);
  EXPECT_EQ(ann.picture_id.error->code, 401);
  const UsyncUser& bob = answer.users[1];
  EXPECT_EQ(bob.registered.value, true);
  EXPECT_EQ(bob.picture_id.error->code, 429);
  EXPECT_EQ(bob.picture_id.error->backoff, absl::Seconds(30));
}

TEST(UsyncAnswerTest, AProtocolMayFailAsAWhole) {
  const UsyncAnswer answer =
      Parse(Answer({User(kAnn, {Contact("in", "+15551230001")})},
                   {MakeNode("contact", {{"refresh", "86400"}}),
                    Failed("picture", ErrorNode(429, "rate-overlimit", "30")),
                    Failed("lid", ErrorNode(500)),
                    Failed("business", ErrorNode(503))}),
            {kAnn, kBob});
  EXPECT_FALSE(answer.contact_error.has_value());
  EXPECT_EQ(answer.picture_error->code, 429);
  EXPECT_EQ(answer.picture_error->backoff, absl::Seconds(30));
  EXPECT_EQ(answer.lid_error->code, 500);
  EXPECT_EQ(answer.business_error->code, 503);
  for (const UsyncUser& user : answer.users) {
    EXPECT_EQ(user.picture_id.error->code, 429);
    EXPECT_EQ(user.business.error->code, 503);
  }
  EXPECT_EQ(answer.users[0].registered.value, true);
  EXPECT_FALSE(answer.users[1].registered.error.has_value());
}

TEST(UsyncAnswerTest, WithoutAListTheErrorsOfTheProtocolsAreTheAnswer) {
  const Node contact = Failed("contact", ErrorNode(429, "rate", "9"));
  const Node usync =
      MakeNode("usync", {},
               Node::Children{MakeNode("result", {}, Node::Children{contact})});
  const UsyncAnswer answer = Parse(
      MakeNode("iq", {{"type", "result"}}, Node::Children{usync}), {kAnn});
  EXPECT_EQ(answer.users[0].registered.error->backoff, absl::Seconds(9));
}

TEST(UsyncAnswerTest, NonsenseInBackoffIsDropped) {
  for (const char* backoff : {"-1", "soon", "4294967296", " 5"}) {
    const UsyncAnswer answer = Parse(
        Answer({}, {Failed("contact", ErrorNode(429, "x", backoff))}), {kAnn});
    EXPECT_EQ(answer.contact_error->code, 429);
    EXPECT_EQ(answer.contact_error->backoff, absl::ZeroDuration()) << backoff;
  }
}

TEST(UsyncAnswerTest, AMalformedUserDoesNotAffectOthers) {
  const UsyncAnswer answer =
      Parse(Answer({MakeNode("user"), MakeNode("nonsense"),
                    MakeNode("user", {{"jid", "no jid at all"}},
                             Node::Children{MakeNode("picture", {{"id", ""}})}),
                    User(ServerJid(), {Contact("in", "not a number")}),
                    User(PhoneNumberJid("99999"), {Contact("in", "+99999")}),
                    User(kBob, {Contact("in", "+4915112345678")})}),
            {kAnn, kBob});
  EXPECT_FALSE(answer.users[0].registered.value.has_value());
  EXPECT_EQ(answer.users[1].registered.value, true);
}

TEST(UsyncAnswerTest, AContactAskedTwiceIsAnsweredTwice) {
  const UsyncAnswer answer =
      Parse(Answer({User(kAnn, {Contact("in", "+15551230001")}),
                    User(kAnn, {Contact("out", "+15551230001"),
                                MakeNode("picture", {{"id", "5"}})})}),
            {kAnn, kBob, kAnn});
  for (const size_t i : {0, 2}) {
    // If a user is listed twice, the first facts stay and missing ones are
    // added.
    EXPECT_EQ(answer.users[i].registered.value, true);
    EXPECT_EQ(answer.users[i].picture_id.value, "5");
  }
  EXPECT_FALSE(answer.users[1].registered.value.has_value());
}

TEST(UsyncAnswerTest, APictureWithoutIdIsNotAFact) {
  const UsyncAnswer answer =
      Parse(Answer({User(kAnn, {MakeNode("picture")})}), {kAnn});
  EXPECT_FALSE(answer.users[0].picture_id.value.has_value());
  EXPECT_FALSE(answer.users[0].picture_id.error.has_value());
}

TEST(UsyncAnswerTest, ReadsTheNameOfEachVerifiedNameVector) {
  const std::vector<Json> vectors = Vectors("verified_name.json");
  ASSERT_FALSE(vectors.empty());
  for (const Json& vector : vectors) {
    SCOPED_TRACE(vector["name"].text);
    const Node business = NodeOf(vector["node"]);
    EXPECT_EQ(absl::BytesToHexString(EncodeNode(business)),
              vector["node_hex"].text);
    for (const Node& form : {business, *DecodeNode(Hex(vector["node_hex"]))}) {
      const UsyncAnswer answer = Parse(Answer({User(kAnn, {form})}), {kAnn});
      ASSERT_TRUE(answer.users[0].business.value.has_value());
      EXPECT_EQ(answer.users[0].business.value->name,
                vector["fields"]["verifiedName"].text);
    }
  }
}

TEST(UsyncAnswerTest, AnEmptyBusinessElementIsNotABusiness) {
  const Node name_failed = Failed("verified_name", ErrorNode(404));
  for (const Node& business :
       {MakeNode("business"),
        MakeNode("business", {}, Node::Children{MakeNode("verified_name")}),
        MakeNode("business", {}, Node::Children{name_failed})}) {
    const UsyncAnswer answer = Parse(Answer({User(kAnn, {business})}), {kAnn});
    EXPECT_FALSE(answer.users[0].business.value.has_value());
  }
  const Node garbage =
      MakeNode("verified_name", {{"v", "1"}}, Node::Bytes{"\xFFgarbage"});
  const UsyncAnswer answer = Parse(
      Answer({User(kAnn, {MakeNode("business", {}, Node::Children{garbage})})}),
      {kAnn});
  EXPECT_EQ(answer.users[0].business.value->name, "");
}

TEST(UsyncAnswerTest, RefusesMalformedAnswers) {
  const Node usync = MakeNode("usync");
  for (const Node& iq :
       {MakeNode("iq", {{"type", "result"}}),
        MakeNode("iq", {{"type", "result"}}, Node::Children{usync})}) {
    EXPECT_EQ(ParseUsyncAnswer(iq, {kAnn}).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  const Node refused =
      MakeNode("iq", {{"type", "error"}},
               Node::Children{ErrorNode(429, "rate-overlimit", "60")});
  const absl::Status status = ParseUsyncAnswer(refused, {kAnn}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(BackoffOf(status), absl::Minutes(1));
}

}  // namespace
}  // namespace portrait::whatsapp
