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

proto::DeviceProps PropsOf(const proto::ClientPayload& payload) {
  proto::DeviceProps props;
  EXPECT_TRUE(
      props.ParseFromString(payload.device_pairing_data().device_props()));
  return props;
}

// The vectors are from another client, which may order fields differently. Like
// WhatsApp Web and unlike that client, Portrait sends an empty manufacturer, a
// counter of logins from 0, and DeviceProps of a browser.
void ExpectSame(const std::string& actual, const std::string& expected) {
  proto::ClientPayload said = Parsed(actual);
  EXPECT_TRUE(said.user_agent().has_manufacturer());
  EXPECT_EQ(said.has_lc(), said.has_username());
  said.mutable_user_agent()->clear_manufacturer();
  said.clear_lc();
  if (said.has_device_pairing_data()) {
    proto::DeviceProps props = PropsOf(said);
    auto* const history = props.mutable_history_sync_config();
    history->clear_thumbnail_sync_days_limit();
    history->clear_support_manus_history();
    history->clear_support_hatch_history();
    history->set_storage_quota_mb(10240);
    *props.mutable_version() = PropsOf(Parsed(expected)).version();
    said.mutable_device_pairing_data()->set_device_props(
        props.SerializeAsString());
  }
  EXPECT_TRUE(MessageDifferencer::Equals(said, Parsed(expected)))
      << said.DebugString() << "\nexpected\n"
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

TEST(ClientPayloadTest, ARegistrationHasTheDevicePropsOfItsBrowser) {
  DeviceAppearance appearance;
  appearance.os = "Windows";
  appearance.browser_version = 151;
  appearance.storage_quota_mb = 10261;
  proto::DeviceProps props = PropsOf(
      Parsed(RegistrationPayload(MakeDevice(), ClientVersion(), appearance)));
  EXPECT_EQ(props.os(), "Windows");
  EXPECT_EQ(props.version().primary(), 151u);
  EXPECT_TRUE(props.version().has_tertiary());
  EXPECT_EQ(props.platform_type(), proto::DeviceProps::CHROME);
  const auto& history = props.history_sync_config();
  EXPECT_EQ(history.storage_quota_mb(), 10261u);
  EXPECT_TRUE(history.has_support_call_log_history());
  EXPECT_TRUE(history.has_support_group_history());
  EXPECT_TRUE(history.has_thumbnail_sync_days_limit());
  EXPECT_TRUE(history.has_support_manus_history());
  EXPECT_TRUE(history.has_support_hatch_history());
  // If the browser has no estimate, no quota is sent.
  appearance.storage_quota_mb = 0;
  props = PropsOf(
      Parsed(RegistrationPayload(MakeDevice(), ClientVersion(), appearance)));
  EXPECT_FALSE(props.history_sync_config().has_storage_quota_mb());
}

TEST(ClientPayloadTest, ALoginIsPassiveWhilePrekeysOrPropsAreMissing) {
  Device device;
  device.jid = *ParseJid("15551230001:12@s.whatsapp.net");
  EXPECT_TRUE(Parsed(LoginPayload(device, ClientVersion())).passive());
  device.next_prekey_id = 813;
  EXPECT_TRUE(Parsed(LoginPayload(device, ClientVersion())).passive());
  device.ab_props.due = absl::InfiniteFuture();
  device.lid_migrated = true;
  const proto::ClientPayload later =
      Parsed(LoginPayload(device, ClientVersion()));
  EXPECT_TRUE(later.has_passive());
  EXPECT_FALSE(later.passive());
  EXPECT_TRUE(later.pull());
  EXPECT_TRUE(later.lid_db_migrated());
  device.prekey_upload_pending = true;
  EXPECT_TRUE(Parsed(LoginPayload(device, ClientVersion())).passive());
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
