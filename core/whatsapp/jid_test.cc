#include "core/whatsapp/jid.h"

#include "absl/container/flat_hash_set.h"
#include "gtest/gtest.h"
#include "tests/support/vectors.h"

namespace portrait::whatsapp {
namespace {

using ::portrait::testing::Json;
using ::portrait::testing::VectorsOfKind;

TEST(JidTest, ReadsEachVector) {
  const std::vector<Json> vectors = VectorsOfKind("misc.json", "jid");
  ASSERT_FALSE(vectors.empty());
  for (const Json& vector : vectors) {
    SCOPED_TRACE(vector["text"].text);
    const absl::StatusOr<Jid> jid = ParseJid(vector["text"].text);
    ASSERT_TRUE(jid.ok()) << jid.status();
    EXPECT_EQ(jid->user, vector["user"].text);
    EXPECT_EQ(jid->server, vector["server"].text);
    EXPECT_EQ(jid->device, vector["device"].number());
    EXPECT_EQ(jid->WithoutDevice().ToString(), vector["normalized_user"].text);
  }
}

TEST(JidTest, ReadsEachFormAndWritesItPlainly) {
  const struct {
    const char* text;
    Jid jid;
    const char* written;
  } kCases[] = {
      {"13105551234@s.whatsapp.net", {"13105551234", kUserServer}, nullptr},
      {"13105551234:7@s.whatsapp.net",
       {"13105551234", kUserServer, 7},
       nullptr},
      {"13105551234:0@s.whatsapp.net",
       {"13105551234", kUserServer},
       "13105551234@s.whatsapp.net"},
      {"13105551234.0:7@s.whatsapp.net",
       {"13105551234", kUserServer, 7},
       "13105551234:7@s.whatsapp.net"},
      {"13105551234_1@lid", {"13105551234", kLidServer}, "13105551234@lid"},
      {"13105551234@c.us", {"13105551234", kLegacyUserServer}, nullptr},
      {"1310-1610000000@g.us", {"1310-1610000000", kGroupServer}, nullptr},
      {"@g.us", {"", kGroupServer}, nullptr},
      {"@interop", {"", kInteropServer}, nullptr},
      {"2-4412345678:3@interop", {"4412345678", kInteropServer, 3, 2}, nullptr},
      {"10012345:700@msgr", {"10012345", kMessengerServer, 700}, nullptr},
      {"a.b_c@example", {"a.b_c", "example"}, nullptr},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const absl::StatusOr<Jid> jid = ParseJid(c.text);
    ASSERT_TRUE(jid.ok()) << jid.status();
    EXPECT_EQ(*jid, c.jid);
    EXPECT_EQ(jid->ToString(), c.written == nullptr ? c.text : c.written);
  }
}

TEST(JidTest, RefusesTextThatIsNotAJid) {
  for (const char* text :
       {"", "s.whatsapp.net", "13105551234", "13105551234@", "@", "a@b@c",
        "1:@s.whatsapp.net", "1:x@s.whatsapp.net", "1:-1@s.whatsapp.net",
        "1: 1@s.whatsapp.net", "1:256@s.whatsapp.net", "1:65536@msgr",
        "1:99999999999@lid", ":5@s.whatsapp.net", "x-1@interop",
        "70000-1@interop", "1:2:3@s.whatsapp.net", "1_2_3@lid"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(ParseJid(text).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(JidTest, KnowsItsKind) {
  EXPECT_TRUE(PhoneNumberJid("13105551234").IsPhoneNumber());
  EXPECT_TRUE((Jid{"100875997589545", kLidServer}).IsLid());
  EXPECT_TRUE((Jid{"120363012345678901", kGroupServer}).IsGroup());
  EXPECT_FALSE(ServerJid().IsLid());
  EXPECT_TRUE(ParseJid("0@c.us")->IsAnnouncements());
  EXPECT_TRUE(PhoneNumberJid("0").IsAnnouncements());
  EXPECT_FALSE(PhoneNumberJid("10").IsAnnouncements());
  EXPECT_EQ(ServerJid().ToString(), "@s.whatsapp.net");
}

TEST(JidTest, IsAKeyOfHashedContainers) {
  const absl::flat_hash_set<Jid> jids = {PhoneNumberJid("1"),
                                         PhoneNumberJid("1"),
                                         {"1", kLidServer},
                                         {"1", kUserServer, 1}};
  EXPECT_EQ(jids.size(), 3);
}

}  // namespace
}  // namespace portrait::whatsapp
