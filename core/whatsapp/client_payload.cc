#include "core/whatsapp/client_payload.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/whatsapp/crypto.h"
#include "core/whatsapp/prekeys.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::whatsapp {
namespace {

using proto::ClientPayload;
using proto::DeviceProps;

constexpr char kKeyType[] = "\x05";  // Curve25519's type in Signal
// WhatsApp Web sends the same value.
constexpr uint32_t kThumbnailSyncDays = 60;

std::string BigEndian(uint32_t number, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) {
    text.push_back(static_cast<char>(number >> (8 * i)));
  }
  return text;
}

DeviceProps::PlatformType PlatformTypeOf(absl::string_view browser) {
  if (browser == "Chrome") return DeviceProps::CHROME;
  if (browser == "Firefox") return DeviceProps::FIREFOX;
  if (browser == "IE") return DeviceProps::IE;
  if (browser == "Opera") return DeviceProps::OPERA;
  if (browser == "Safari") return DeviceProps::SAFARI;
  if (browser == "Edge") return DeviceProps::EDGE;
  if (browser == "Desktop") return DeviceProps::DESKTOP;
  return DeviceProps::UNKNOWN;
}

// A desktop application requests the full history and names its system; every
// other client is a web browser.
ClientPayload::WebInfo::WebSubPlatform SubPlatformOf(
    const DeviceAppearance& appearance) {
  if (appearance.full_history && appearance.browser == "Desktop") {
    if (appearance.os == "Mac OS") return ClientPayload::WebInfo::DARWIN;
    if (appearance.os == "Windows") return ClientPayload::WebInfo::WIN32;
  }
  return ClientPayload::WebInfo::WEB_BROWSER;
}

ClientPayload CommonPayload(const ClientVersion& version,
                            const DeviceAppearance& appearance) {
  ClientPayload payload;
  auto* const agent = payload.mutable_user_agent();
  agent->set_platform(ClientPayload::UserAgent::WEB);
  agent->mutable_app_version()->set_primary(version.primary);
  agent->mutable_app_version()->set_secondary(version.secondary);
  agent->mutable_app_version()->set_tertiary(version.tertiary);
  agent->set_mcc("000");
  agent->set_mnc("000");
  agent->set_os_version("0.1");
  agent->set_manufacturer("");
  agent->set_device("Desktop");
  agent->set_os_build_number("0.1");
  agent->set_release_channel(ClientPayload::UserAgent::RELEASE);
  agent->set_locale_language_iso6391("en");
  agent->set_locale_country_iso31661_alpha2(appearance.country);
  payload.mutable_web_info()->set_web_sub_platform(SubPlatformOf(appearance));
  payload.set_connect_type(ClientPayload::WIFI_UNKNOWN);
  payload.set_connect_reason(ClientPayload::USER_ACTIVATED);
  return payload;
}

// Requests as little history as possible by default, because this client never
// reads it.
std::string SerializedDeviceProps(const DeviceAppearance& appearance) {
  DeviceProps props;
  props.set_os(appearance.os);
  props.mutable_version()->set_primary(appearance.browser_version);
  props.mutable_version()->set_secondary(0);
  props.mutable_version()->set_tertiary(0);
  props.set_platform_type(PlatformTypeOf(appearance.browser));
  props.set_require_full_sync(appearance.full_history);
  auto* const history = props.mutable_history_sync_config();
  if (appearance.storage_quota_mb > 0) {
    history->set_storage_quota_mb(appearance.storage_quota_mb);
  }
  history->set_inline_initial_payload_in_e2ee_msg(true);
  history->set_support_call_log_history(false);
  history->set_support_bot_user_agent_chat_history(true);
  history->set_support_cag_reactions_and_polls(true);
  history->set_support_biz_hosted_msg(true);
  history->set_support_recent_sync_chunk_message_count_tuning(true);
  history->set_support_hosted_group_msg(true);
  history->set_support_fbid_bot_chat_history(true);
  history->set_support_message_association(true);
  history->set_support_group_history(false);
  history->set_thumbnail_sync_days_limit(kThumbnailSyncDays);
  history->set_support_manus_history(false);
  history->set_support_hatch_history(false);
  return props.SerializeAsString();
}

}  // namespace

std::string ClientVersion::ToString() const {
  return absl::StrCat(primary, ".", secondary, ".", tertiary);
}

absl::StatusOr<ClientVersion> ParseClientVersion(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  ClientVersion version;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &version.primary) ||
      !absl::SimpleAtoi(parts[1], &version.secondary) ||
      !absl::SimpleAtoi(parts[2], &version.tertiary) ||
      version.ToString() != text) {
    return absl::InvalidArgumentError(absl::StrCat("client version \"", text,
                                                   "\": expected N.N.N, as in ",
                                                   ClientVersion().ToString()));
  }
  return version;
}

std::string RegistrationPayload(const Device& device,
                                const ClientVersion& version,
                                const DeviceAppearance& appearance) {
  ClientPayload payload = CommonPayload(version, appearance);
  payload.set_passive(false);
  payload.set_pull(false);
  auto* const data = payload.mutable_device_pairing_data();
  data->set_e_regid(BigEndian(device.registration_id, 4));
  data->set_e_keytype(kKeyType);
  data->set_e_ident(device.identity_key.public_key);
  data->set_e_skey_id(BigEndian(device.signed_prekey.id, 3));
  data->set_e_skey_val(device.signed_prekey.key.public_key);
  data->set_e_skey_sig(device.signed_prekey.signature);
  data->set_build_hash(Md5(version.ToString()));
  data->set_device_props(SerializedDeviceProps(appearance));
  return payload.SerializeAsString();
}

bool IsLoginPassive(const Device& device) {
  return IsMissingPrekeys(device) || !device.ab_props.fetched();
}

std::string LoginPayload(const Device& device, const ClientVersion& version,
                         const DeviceAppearance& appearance) {
  ClientPayload payload = CommonPayload(version, appearance);
  uint64_t username = 0;
  if (absl::SimpleAtoi(device.jid.user, &username)) {
    payload.set_username(username);
  }
  payload.set_device(device.jid.device);
  payload.set_passive(IsLoginPassive(device));
  payload.set_pull(true);
  payload.set_lid_db_migrated(device.lid_migrated);
  payload.set_lc(static_cast<int32_t>(device.login_counter));
  return payload.SerializeAsString();
}

}  // namespace portrait::whatsapp
