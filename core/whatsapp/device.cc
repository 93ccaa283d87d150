#include "core/whatsapp/device.h"

#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "core/base/secret.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/signed_prekeys.h"
#include "whatsapp/device.pb.h"

namespace portrait::whatsapp {
namespace {

// libsignal draws registration ids from 1 … 16380.
constexpr uint32_t kRegistrationIds = 16380;
constexpr size_t kAdvSecretBytes = 32;
constexpr size_t kPrekeySeedBytes = 32;
constexpr uint32_t kFirstPrekeyId = 1;

absl::Status NoDevice(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("stored device: ", what));
}

absl::StatusOr<KeyPair> StoredKeyPair(const std::string& private_key,
                                      absl::string_view which) {
  if (private_key.size() != kKeyBytes) {
    return NoDevice(
        absl::StrCat("the ", which, " key is not ", kKeyBytes, " bytes long"));
  }
  return KeyPairFromPrivate(private_key);
}

proto::StoredSignedPrekey Stored(const SignedPrekey& prekey) {
  proto::StoredSignedPrekey stored;
  stored.set_id(prekey.id);
  stored.set_private_key(prekey.key.private_key);
  stored.set_signature(prekey.signature);
  return stored;
}

absl::StatusOr<SignedPrekey> Restored(const proto::StoredSignedPrekey& stored) {
  SignedPrekey prekey;
  prekey.id = stored.id();
  ASSIGN_OR_RETURN(prekey.key,
                   StoredKeyPair(stored.private_key(), "signed prekey"));
  prekey.signature = stored.signature();
  if (prekey.signature.size() != kSignatureBytes) {
    return NoDevice("the signed prekey has no signature");
  }
  return prekey;
}

// An empty text means that the JID is not known yet.
absl::StatusOr<Jid> StoredJid(const std::string& text) {
  if (text.empty()) return Jid();
  absl::StatusOr<Jid> jid = ParseJid(text);
  if (!jid.ok()) return NoDevice("its address cannot be read");
  return jid;
}

// Otherwise copies of secrets would remain in the parsed or serialized message.
void WipeSecretsOf(proto::StoredDevice& stored) {
  Wipe(*stored.mutable_noise_private_key());
  Wipe(*stored.mutable_identity_private_key());
  Wipe(*stored.mutable_signed_prekey_private_key());
  Wipe(*stored.mutable_adv_secret());
  Wipe(*stored.mutable_prekey_seed());
  Wipe(*stored.mutable_offered_signed_prekey()->mutable_private_key());
}

proto::StoredAppearance Stored(const DeviceAppearance& appearance) {
  proto::StoredAppearance stored;
  stored.set_os(appearance.os);
  stored.set_browser(appearance.browser);
  stored.set_browser_version(appearance.browser_version);
  stored.set_storage_quota_mb(appearance.storage_quota_mb);
  return stored;
}

DeviceAppearance Restored(const proto::StoredAppearance& stored) {
  DeviceAppearance appearance;
  appearance.os = stored.os();
  appearance.browser = stored.browser();
  appearance.browser_version = stored.browser_version();
  appearance.storage_quota_mb = stored.storage_quota_mb();
  return appearance;
}

proto::StoredAbProps Stored(const AbProps& props) {
  proto::StoredAbProps stored;
  stored.set_hash(props.hash);
  stored.set_refresh_id(props.refresh_id);
  if (props.due != absl::InfiniteFuture()) {
    stored.set_due_unix_seconds(absl::ToUnixSeconds(props.due));
  }
  stored.set_token_with_picture(props.token_with_picture);
  stored.set_token_with_time(props.token_with_time);
  stored.set_token_bucket_seconds(
      static_cast<uint32_t>(absl::ToInt64Seconds(props.token_bucket)));
  stored.set_token_buckets(static_cast<uint32_t>(props.token_buckets));
  return stored;
}

AbProps Restored(const proto::StoredAbProps& stored) {
  AbProps props;
  props.hash = stored.hash();
  props.refresh_id = stored.refresh_id();
  props.due = stored.due_unix_seconds() == 0
                  ? absl::InfiniteFuture()
                  : absl::FromUnixSeconds(stored.due_unix_seconds());
  props.token_with_picture = stored.token_with_picture();
  props.token_with_time = stored.token_with_time();
  // ApplyAbProps() ensures that both are at least 1.
  props.token_bucket = absl::Seconds(stored.token_bucket_seconds());
  props.token_buckets = static_cast<int>(stored.token_buckets());
  return props;
}

// A key with a wrong length is ignored, so that it is never used to resume.
ServerCertificate StoredServer(const proto::StoredServer& stored) {
  return {stored.public_key(), stored.not_before(), stored.not_after()};
}

}  // namespace

std::string SignedPrekeyMessage(absl::string_view public_key) {
  return absl::StrCat("\x05", public_key);
}

Device MakeDevice() {
  Device device;
  device.noise_key = MakeKeyPair();
  device.identity_key = MakeKeyPair();
  device.signed_prekey = MakeSignedPrekey(kFirstPrekeyId, device.identity_key);
  device.registration_id = 1 + RandomBelow(kRegistrationIds);
  device.adv_secret = RandomBytes(kAdvSecretBytes);
  device.prekey_seed = RandomBytes(kPrekeySeedBytes);
  device.appearance = DrawAppearance();
  return device;
}

std::string SerializeDevice(const Device& device) {
  proto::StoredDevice stored;
  const absl::Cleanup wipe = [&stored] { WipeSecretsOf(stored); };
  stored.set_noise_private_key(device.noise_key.private_key);
  stored.set_identity_private_key(device.identity_key.private_key);
  stored.set_signed_prekey_id(device.signed_prekey.id);
  stored.set_signed_prekey_private_key(device.signed_prekey.key.private_key);
  stored.set_signed_prekey_signature(device.signed_prekey.signature);
  stored.set_registration_id(device.registration_id);
  stored.set_adv_secret(device.adv_secret);
  stored.set_prekey_seed(device.prekey_seed);
  if (device.paired()) stored.set_jid(device.jid.ToString());
  if (!device.lid.user.empty()) stored.set_lid(device.lid.ToString());
  stored.set_push_name(device.push_name);
  stored.set_platform(device.platform);
  stored.set_business_name(device.business_name);
  stored.set_account_identity(device.account_identity);
  stored.set_paired_at_unix_seconds(absl::ToUnixSeconds(device.paired_at));
  if (!device.server.public_key.empty()) {
    proto::StoredServer* const server = stored.mutable_server();
    server->set_public_key(device.server.public_key);
    server->set_not_before(device.server.not_before);
    server->set_not_after(device.server.not_after);
  }
  stored.set_routing_info(device.routing_info);
  stored.set_login_counter(device.login_counter);
  stored.set_next_prekey_id(device.next_prekey_id);
  stored.set_lid_migrated(device.lid_migrated);
  stored.set_prekey_upload_pending(device.prekey_upload_pending);
  if (device.ab_props.fetched()) {
    *stored.mutable_ab_props() = Stored(device.ab_props);
  }
  *stored.mutable_appearance() = Stored(device.appearance);
  if (device.offered_signed_prekey.has_value()) {
    *stored.mutable_offered_signed_prekey() =
        Stored(*device.offered_signed_prekey);
  }
  if (device.signed_prekey_due.has_value()) {
    stored.set_signed_prekey_due_unix_seconds(
        absl::ToUnixSeconds(*device.signed_prekey_due));
  }
  for (const PrivacyToken& token : device.privacy_tokens.all()) {
    proto::StoredPrivacyToken& one = *stored.add_privacy_tokens();
    if (!token.pn.user.empty()) one.set_pn(token.pn.ToString());
    if (!token.lid.user.empty()) one.set_lid(token.lid.ToString());
    one.set_token(token.bytes);
    one.set_issued_at_unix_seconds(absl::ToUnixSeconds(token.issued_at));
  }
  return stored.SerializeAsString();
}

absl::StatusOr<Device> ParseDevice(absl::string_view bytes) {
  proto::StoredDevice stored;
  const absl::Cleanup wipe = [&stored] { WipeSecretsOf(stored); };
  if (!stored.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return NoDevice("not a StoredDevice");
  }
  Device device;
  ASSIGN_OR_RETURN(device.noise_key,
                   StoredKeyPair(stored.noise_private_key(), "noise"));
  ASSIGN_OR_RETURN(device.identity_key,
                   StoredKeyPair(stored.identity_private_key(), "identity"));
  proto::StoredSignedPrekey signed_prekey;
  const absl::Cleanup wipe_prekey = [&signed_prekey] {
    Wipe(*signed_prekey.mutable_private_key());
  };
  signed_prekey.set_id(stored.signed_prekey_id());
  signed_prekey.set_private_key(stored.signed_prekey_private_key());
  signed_prekey.set_signature(stored.signed_prekey_signature());
  ASSIGN_OR_RETURN(device.signed_prekey, Restored(signed_prekey));
  if (stored.has_offered_signed_prekey()) {
    ASSIGN_OR_RETURN(device.offered_signed_prekey,
                     Restored(stored.offered_signed_prekey()));
  }
  if (stored.signed_prekey_due_unix_seconds() != 0) {
    device.signed_prekey_due =
        absl::FromUnixSeconds(stored.signed_prekey_due_unix_seconds());
  }
  device.registration_id = stored.registration_id();
  device.adv_secret = stored.adv_secret();
  if (device.adv_secret.size() != kAdvSecretBytes) {
    return NoDevice("the ADV secret is not 32 bytes long");
  }
  device.prekey_seed = stored.prekey_seed();
  if (device.prekey_seed.size() != kPrekeySeedBytes) {
    return NoDevice("the seed of its prekeys is not 32 bytes long");
  }
  ASSIGN_OR_RETURN(device.jid, StoredJid(stored.jid()));
  ASSIGN_OR_RETURN(device.lid, StoredJid(stored.lid()));
  device.push_name = stored.push_name();
  device.platform = stored.platform();
  device.business_name = stored.business_name();
  device.account_identity = stored.account_identity();
  device.paired_at = absl::FromUnixSeconds(stored.paired_at_unix_seconds());
  device.server = StoredServer(stored.server());
  device.routing_info = stored.routing_info();
  device.login_counter = stored.login_counter();
  device.next_prekey_id = stored.next_prekey_id();
  device.lid_migrated = stored.lid_migrated();
  device.prekey_upload_pending = stored.prekey_upload_pending();
  if (stored.has_ab_props()) device.ab_props = Restored(stored.ab_props());
  if (stored.has_appearance()) {
    device.appearance = Restored(stored.appearance());
  }
  std::vector<PrivacyToken> tokens;
  for (const proto::StoredPrivacyToken& one : stored.privacy_tokens()) {
    PrivacyToken& token = tokens.emplace_back();
    ASSIGN_OR_RETURN(token.pn, StoredJid(one.pn()));
    ASSIGN_OR_RETURN(token.lid, StoredJid(one.lid()));
    token.bytes = one.token();
    token.issued_at = absl::FromUnixSeconds(one.issued_at_unix_seconds());
  }
  device.privacy_tokens = PrivacyTokens(std::move(tokens));
  return device;
}

}  // namespace portrait::whatsapp
