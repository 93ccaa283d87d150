#include "core/whatsapp/privacy_token.h"

#include "absl/strings/escaping.h"
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
  // Somebody else's LID may have the digits of our number.
  EXPECT_TRUE(may("15551230001@lid"));
  EXPECT_FALSE(may("15551230001@s.whatsapp.net"));
  EXPECT_FALSE(may("99887766554433@lid"));
  EXPECT_FALSE(may("120363012345678901@g.us"));
  EXPECT_FALSE(may("867051314767696@bot"));
  EXPECT_FALSE(may("13135550002@s.whatsapp.net"));
  EXPECT_FALSE(may("13165550001@s.whatsapp.net"));
  EXPECT_FALSE(may("status@broadcast"));
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
