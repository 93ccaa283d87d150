#include "core/whatsapp/privacy_token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/vectors.h"

namespace portrait::whatsapp {
namespace {

using ::portrait::testing::Hex;
using ::portrait::testing::Json;
using ::portrait::testing::VectorsOfKind;

TEST(PrivacyTokenTest, ExpiresAndIsReissuedAsEachVectorSays) {
  const std::vector<Json> vectors = VectorsOfKind("misc.json", "tctoken");
  ASSERT_FALSE(vectors.empty());
  for (const Json& vector : vectors) {
    SCOPED_TRACE(vector["name"].text);
    const absl::Time now = absl::FromUnixSeconds(vector["now"].number());
    const absl::Time then = absl::FromUnixSeconds(vector["token_t"].number());
    EXPECT_EQ(IsPrivacyTokenExpired(then, now), vector["expired"].boolean());
    EXPECT_EQ(ShouldReissuePrivacyToken(then, now),
              vector["should_reissue"].boolean());
  }
}

TEST(PrivacyTokenTest, IsOnlyForOtherPeople) {
  const Jid own_pn = {"15551230001", kUserServer, 12};
  const Jid own_lid = {"99887766554433", kLidServer, 12};
  const auto may = [&](const char* target) {
    return MayCarryPrivacyToken(*ParseJid(target), own_pn, own_lid);
  };
  EXPECT_TRUE(may("4915112345678@s.whatsapp.net"));
  EXPECT_TRUE(may("11223344556677@lid"));
  // Another person's LID may have the digits of our number.
  EXPECT_TRUE(may("15551230001@lid"));
  EXPECT_FALSE(may("15551230001@s.whatsapp.net"));
  EXPECT_FALSE(may("99887766554433@lid"));
  EXPECT_FALSE(may("120363012345678901@g.us"));
  EXPECT_FALSE(may("867051314767696@bot"));
  EXPECT_FALSE(may("13135550002@s.whatsapp.net"));
  EXPECT_FALSE(may("13165550001@s.whatsapp.net"));
  EXPECT_FALSE(may("status@broadcast"));
}

// A Thursday on which a bucket begins.
const absl::Time kNow = absl::FromUnixSeconds(2900 * 604800);
const Jid kAnn = PhoneNumberJid("15551230001");
const Jid kAnnLid = {"99887766554433", kLidServer};

PrivacyToken Token(const Jid& pn, const Jid& lid, const std::string& bytes,
                   absl::Time issued_at = kNow) {
  return {pn, lid, bytes, issued_at};
}

TEST(PrivacyTokenTest, ANotificationGivesTheTokenOfWhoSendsIt) {
  const Node token = MakeNode(
      "token",
      {{"type", "trusted_contact"}, {"t", "1763716800"}, {"jid", kAnn}},
      Node::Bytes{"\x01\xFE"});
  Node notification =
      MakeNode("notification",
               {{"type", "privacy_token"},
                {"from", PhoneNumberJid("4915112345678")},
                {"sender_lid", kAnnLid}},
               Node::Children{MakeNode("tokens", {}, Node::Children{token})});
  const std::vector<PrivacyToken> tokens = ParsePrivacyTokens(notification);
  ASSERT_EQ(tokens.size(), 1u);
  EXPECT_EQ(tokens[0].pn, PhoneNumberJid("4915112345678"));
  EXPECT_EQ(tokens[0].lid, kAnnLid);
  EXPECT_EQ(tokens[0].bytes, "\x01\xFE");
  EXPECT_EQ(tokens[0].issued_at, absl::FromUnixSeconds(1763716800));

  notification.SetAttribute("from", ServerJid());
  EXPECT_EQ(ParsePrivacyTokens(notification)[0].pn, Jid());
}

TEST(PrivacyTokenTest, MalformedTokensAreSkipped) {
  const auto told = [](Node::Children children, const char* type) {
    return ParsePrivacyTokens(
        MakeNode("notification", {{"type", type}, {"from", kAnn}},
                 Node::Children{MakeNode("tokens", {}, std::move(children))}));
  };
  const Node token = MakeNode(
      "token", {{"type", "trusted_contact"}, {"t", "5"}}, Node::Bytes{"x"});
  EXPECT_EQ(told({token}, "privacy_token").size(), 1u);
  EXPECT_TRUE(told({token}, "picture").empty());
  for (const Node& other :
       {MakeNode("token", {{"type", "trusted_contact"}}, Node::Bytes{"x"}),
        MakeNode("token", {{"type", "other"}, {"t", "5"}}, Node::Bytes{"x"}),
        MakeNode("tok", {{"type", "trusted_contact"}, {"t", "5"}})}) {
    EXPECT_TRUE(told({other}, "privacy_token").empty());
  }
}

TEST(PrivacyTokensTest, AreFoundByEitherJid) {
  PrivacyTokens tokens;
  EXPECT_TRUE(tokens.Keep(Token(kAnn, kAnnLid, "a"), kNow));
  EXPECT_EQ(tokens.Find(kAnn, Jid(), kNow), "a");
  EXPECT_EQ(tokens.Find(Jid(), kAnnLid, kNow), "a");
  EXPECT_EQ(tokens.Find(kAnn, Jid{"1", kLidServer}, kNow), "a");
  EXPECT_EQ(tokens.Find(PhoneNumberJid("1"), Jid(), kNow), "");
  EXPECT_EQ(tokens.Find(Jid(), Jid(), kNow), "");
}

TEST(PrivacyTokensTest, TheNewestOfAContactIsKept) {
  PrivacyTokens tokens;
  EXPECT_TRUE(tokens.Keep(Token(kAnn, Jid(), "a"), kNow));
  EXPECT_FALSE(tokens.Keep(Token(kAnn, Jid(), "a"), kNow));
  EXPECT_FALSE(
      tokens.Keep(Token(kAnn, Jid(), "old", kNow - absl::Hours(1)), kNow));
  EXPECT_TRUE(
      tokens.Keep(Token(kAnn, kAnnLid, "b", kNow + absl::Hours(1)), kNow));
  // A later token has the LID only.
  EXPECT_TRUE(
      tokens.Keep(Token(Jid(), kAnnLid, "c", kNow + absl::Hours(2)), kNow));
  EXPECT_EQ(tokens.Find(kAnn, Jid(), kNow), "c");
  EXPECT_EQ(tokens.all().size(), 1u);
  for (const std::string& none : {std::string(), std::string(1025, 'x')}) {
    EXPECT_FALSE(
        tokens.Keep(Token(kAnn, kAnnLid, none, kNow + absl::Hours(3)), kNow));
  }
}

TEST(PrivacyTokensTest, TheNewerOfTheTokensByNumberAndByLidCounts) {
  PrivacyTokens tokens;
  EXPECT_TRUE(tokens.Keep(Token(kAnn, Jid(), "a"), kNow));
  EXPECT_TRUE(
      tokens.Keep(Token(Jid(), kAnnLid, "b", kNow + absl::Hours(1)), kNow));
  EXPECT_EQ(tokens.Find(kAnn, kAnnLid, kNow), "b");
  // A token with both addresses replaces both tokens.
  EXPECT_TRUE(
      tokens.Keep(Token(kAnn, kAnnLid, "c", kNow + absl::Hours(2)), kNow));
  EXPECT_EQ(tokens.all().size(), 1u);
}

TEST(PrivacyTokensTest, ExpiredTokensAreIgnored) {
  PrivacyTokens tokens;
  EXPECT_TRUE(tokens.Keep(Token(kAnn, Jid(), "a"), kNow));
  const absl::Time last = kNow + 4 * kPrivacyTokenBucket - absl::Seconds(1);
  EXPECT_EQ(tokens.Find(kAnn, Jid(), last), "a");
  EXPECT_EQ(tokens.Find(kAnn, Jid(), last + absl::Seconds(1)), "");
  EXPECT_FALSE(tokens.Keep(Token(kAnnLid, Jid(), "b"), last + absl::Hours(1)));
}

TEST(PrivacyTokensTest, CountForAsLongAsTheServerSays) {
  PrivacyTokens tokens;
  const absl::Time later = kNow + 20 * kPrivacyTokenBucket;
  const PrivacyTokenLife half_a_year = {kPrivacyTokenBucket, 26};
  EXPECT_FALSE(tokens.Keep(Token(kAnn, Jid(), "a"), later));
  EXPECT_TRUE(tokens.Keep(Token(kAnn, Jid(), "a"), later, half_a_year));
  EXPECT_EQ(tokens.Find(kAnn, Jid(), later, half_a_year), "a");
  EXPECT_EQ(tokens.Find(kAnn, Jid(), later, {absl::Hours(1), 4}), "");
}

TEST(PrivacyTokensTest, TheOldestTokenIsDroppedBeyondTheLimit) {
  PrivacyTokens tokens;
  for (size_t i = 0; i <= PrivacyTokens::kMost; ++i) {
    EXPECT_TRUE(tokens.Keep(Token(PhoneNumberJid(absl::StrCat(i + 1)), Jid(),
                                  "x", kNow + absl::Seconds(i)),
                            kNow));
  }
  EXPECT_EQ(tokens.all().size(), PrivacyTokens::kMost);
  EXPECT_EQ(tokens.Find(PhoneNumberJid("1"), Jid(), kNow), "");
  EXPECT_EQ(tokens.Find(PhoneNumberJid("2"), Jid(), kNow), "x");
}

TEST(ContactSaltTokenTest, IsWhatEachVectorSays) {
  const std::vector<Json> vectors = VectorsOfKind("misc.json", "cstoken");
  ASSERT_FALSE(vectors.empty());
  for (const Json& vector : vectors) {
    EXPECT_EQ(absl::BytesToHexString(
                  ContactSaltToken(Hex(vector["salt"]), vector["lid"].text)),
              vector["token"].text);
  }
}

TEST(UnifiedSessionTest, HasTheIdOfEachVector) {
  const std::vector<Json> vectors =
      VectorsOfKind("misc.json", "unified_session");
  ASSERT_FALSE(vectors.empty());
  for (const Json& vector : vectors) {
    EXPECT_EQ(UnifiedSessionId(absl::FromUnixMillis(vector["now_ms"].number())),
              vector["id"].text);
  }
}

}  // namespace
}  // namespace portrait::whatsapp
