#include "core/whatsapp/pairing_phone.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/whatsapp/adv.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::whatsapp {
namespace {

constexpr size_t kFewestFields = 4;

absl::Status Refuse(absl::string_view why) {
  return absl::UnauthenticatedError(
      absl::StrCat("pairing: the companion's answer: ", why));
}

bool DecodeKey(absl::string_view base64, std::string* key) {
  return absl::Base64Unescape(base64, key) && key->size() == kKeyBytes;
}

}  // namespace

absl::StatusOr<QrCode> ParseQrCode(absl::string_view text) {
  const size_t hash = text.find('#');
  if (hash != absl::string_view::npos) text.remove_prefix(hash + 1);
  const std::vector<absl::string_view> fields = absl::StrSplit(text, ',');
  if (fields.size() < kFewestFields) {
    return absl::InvalidArgumentError(absl::StrCat("QR code: ", fields.size(),
                                                   " fields, expected ",
                                                   kFewestFields, " or more"));
  }
  QrCode code;
  code.ref = std::string(fields[0]);
  if (code.ref.empty() || !DecodeKey(fields[1], &code.noise_public_key) ||
      !DecodeKey(fields[2], &code.identity_public_key) ||
      !DecodeKey(fields[3], &code.adv_secret)) {
    return absl::InvalidArgumentError(
        "QR code: an empty ref, or a key that is not 32 bytes in base64");
  }
  if (fields.size() > kFewestFields) {
    code.client_type = std::string(fields[kFewestFields]);
  }
  return code;
}

DeviceIdentity SignDeviceIdentity(const KeyPair& phone_identity,
                                  absl::string_view companion_identity,
                                  absl::string_view adv_secret,
                                  const DeviceIdentityOptions& options) {
  const proto::ADVEncryptionType type =
      options.hosted ? proto::HOSTED : proto::E2EE;
  // All fields are written, even if 0: Baileys fails without a key_index.
  proto::ADVDeviceIdentity details;
  details.set_raw_id(options.raw_id);
  details.set_timestamp(absl::ToUnixSeconds(options.timestamp));
  details.set_key_index(options.key_index);
  details.set_account_type(type);
  details.set_device_type(type);

  proto::ADVSignedDeviceIdentity identity;
  identity.set_details(details.SerializeAsString());
  identity.set_account_signature_key(phone_identity.public_key);
  const std::string message = AccountSignatureMessage(
      options.hosted, identity.details(), companion_identity);
  identity.set_account_signature(
      options.signature_random.empty()
          ? XeddsaSign(phone_identity.private_key, message)
          : XeddsaSignWithRandom(phone_identity.private_key, message,
                                 options.signature_random));

  proto::ADVSignedDeviceIdentityHMAC container;
  container.set_details(identity.SerializeAsString());
  container.set_hmac(
      SignedIdentityHmac(adv_secret, options.hosted, container.details()));
  if (options.hosted) container.set_account_type(type);
  return {container.SerializeAsString(), identity.details(),
          phone_identity.public_key, identity.account_signature(),
          options.key_index};
}

absl::Status VerifyPairDeviceSign(const Node& reply,
                                  const DeviceIdentity& identity,
                                  absl::string_view companion_identity) {
  const Node* const body = reply.FindChild("pair-device-sign");
  const Node* const answer =
      body == nullptr ? nullptr : body->FindChild("device-identity");
  if (reply.AttributeOr("type") != "result" || answer == nullptr) {
    return Refuse("no <pair-device-sign>");
  }
  if (answer->AttributeOr("key-index") != absl::StrCat(identity.key_index)) {
    return Refuse("another key-index");
  }
  proto::ADVSignedDeviceIdentity answered;
  if (!answered.ParseFromString(answer->Data())) {
    return Refuse("no device identity");
  }
  if (answered.details() != identity.details ||
      answered.account_signature() != identity.account_signature) {
    return Refuse("another device identity than the one sent");
  }
  // Clients differ in whether they send it back; phones take both.
  if (answered.has_account_signature_key() &&
      answered.account_signature_key() != identity.account_key) {
    return Refuse("another account's key");
  }
  if (!XeddsaVerify(companion_identity,
                    DeviceSignatureMessage(identity.details, companion_identity,
                                           identity.account_key),
                    answered.device_signature())) {
    return Refuse("the device's signature is not valid");
  }
  return absl::OkStatus();
}

}  // namespace portrait::whatsapp
