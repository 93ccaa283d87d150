#include "core/whatsapp/client_payload.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/support/vectors.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::whatsapp {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::portrait::testing::Hex;
using ::portrait::testing::Json;
using ::portrait::testing::KeysOf;
using ::portrait::testing::VectorsOfKind;

ClientVersion VersionOf(const Json& config) {
  const std::vector<Json>& parts = config["version"].items;
  return {static_cast<uint32_t>(parts[0].number()),
          static_cast<uint32_t>(parts[1].number()),
          static_cast<uint32_t>(parts[2].number())};
}

DeviceAppearance AppearanceOf(const Json& config) {
  DeviceAppearance appearance;
  appearance.os = config["browser"].items[0].text;
  appearance.browser = config["browser"].items[1].text;
  appearance.country = config["countryCode"].text;
  appearance.full_history = config["syncFullHistory"].boolean();
  return appearance;
}

proto::ClientPayload Parsed(const std::string& bytes) {
  proto::ClientPayload payload;
  EXPECT_TRUE(payload.ParseFromString(bytes));
  return payload;
}

// The peers may order fields differently, but the content must be equal.
void ExpectSame(const std::string& actual, const std::string& expected) {
  EXPECT_TRUE(MessageDifferencer::Equals(Parsed(actual), Parsed(expected)))
      << Parsed(actual).DebugString() << "\nexpected\n"
      << Parsed(expected).DebugString();
}

TEST(ClientPayloadTest, RegistersAsEachVectorSays) {
  const std::vector<Json> vectors =
      VectorsOfKind("client_payload.json", "registration");
  ASSERT_FALSE(vectors.empty());
  for (const Json& vector : vectors) {
    SCOPED_TRACE(vector["name"].text);
    Device device;
    device.identity_key = KeysOf(vector["identity"]);
    device.registration_id =
        static_cast<uint32_t>(vector["registration_id"].number());
    device.signed_prekey.key = KeysOf(vector["signed_prekey"]);
    device.signed_prekey.id =
        static_cast<uint32_t>(vector["signed_prekey"]["id"].number());
    device.signed_prekey.signature = Hex(vector["signed_prekey"]["signature"]);
    EXPECT_TRUE(
        XeddsaVerify(device.identity_key.public_key,
                     SignedPrekeyMessage(device.signed_prekey.key.public_key),
                     device.signed_prekey.signature));
    ExpectSame(RegistrationPayload(device, VersionOf(vector["config"]),
                                   AppearanceOf(vector["config"])),
               Hex(vector["protobuf"]));
  }
}

TEST(ClientPayloadTest, LogsInAsEachVectorSays) {
  const std::vector<Json> vectors =
      VectorsOfKind("client_payload.json", "login");
  ASSERT_FALSE(vectors.empty());
  for (const Json& vector : vectors) {
    SCOPED_TRACE(vector["name"].text);
    Device device;
    device.jid = *ParseJid(vector["jid"].text);
    ExpectSame(LoginPayload(device, VersionOf(vector["config"]),
                            AppearanceOf(vector["config"])),
               Hex(vector["protobuf"]));
  }
}

TEST(ClientPayloadTest, ALaterLoginCarriesItsCounter) {
  Device device;
  device.jid = *ParseJid("15551230001:12@s.whatsapp.net");
  device.login_counter = 7;
  EXPECT_EQ(Parsed(LoginPayload(device, ClientVersion())).lc(), 7);
}

TEST(ClientVersionTest, ReadsThreeNumbers) {
  EXPECT_EQ(ClientVersion().ToString(), "2.3000.1045368834");
  const ClientVersion version{2, 3000, 1045649367};
  EXPECT_EQ(*ParseClientVersion("2.3000.1045649367"), version);
  for (const char* text : {"", "2.3000", "2.3000.1.1", "2.3000.x", "2.-1.1",
                           "2. 3000.1", "2.3000.4294967296"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseClientVersion(text).status()))
        << text;
  }
}

}  // namespace
}  // namespace portrait::whatsapp
