#include "core/whatsapp/pairing.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/whatsapp/adv.h"
#include "core/whatsapp/name_text.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::whatsapp {
namespace {

constexpr char kQrPrefix[] = "https://wa.me/settings/linked_devices#";

// The error that is sent back for an invalid proof.
struct Mistake {
  int code;
  absl::string_view text;
  absl::string_view meaning;  // for our error message
};
constexpr Mistake kMalformed = {500, "internal-error", "it cannot be read"};
constexpr Mistake kWrongHmac = {401, "hmac-mismatch",
                                "it was made for another code"};
constexpr Mistake kWrongSignature = {401, "signature-mismatch",
                                     "its signature is not valid"};

Node MakeErrorReply(absl::string_view id, int code, absl::string_view text) {
  return MakeNode(
      "iq", {{"to", ServerJid()}, {"type", "error"}, {"id", std::string(id)}},
      Node::Children{MakeNode("error", {{"code", absl::StrCat(code)},
                                        {"text", std::string(text)}})});
}

PairingRefusal Refuse(absl::string_view id, const Mistake& mistake) {
  const auto& [code, text, meaning] = mistake;
  const std::string message = absl::StrCat(
      "pairing: the phone's proof was refused: ", text, ": ", meaning);
  return {code == 401 ? absl::UnauthenticatedError(message)
                      : absl::InvalidArgumentError(message),
          MakeErrorReply(id, code, text)};
}

Node MakeReply(absl::string_view id, uint32_t key_index,
               const proto::ADVSignedDeviceIdentity& identity) {
  proto::ADVSignedDeviceIdentity sent = identity;
  sent.clear_account_signature_key();
  return MakeNode(
      "iq", {{"to", ServerJid()}, {"type", "result"}, {"id", std::string(id)}},
      Node::Children{MakeNode(
          "pair-device-sign", {},
          Node::Children{MakeNode("device-identity",
                                  {{"key-index", absl::StrCat(key_index)}},
                                  Node::Bytes{sent.SerializeAsString()})})});
}

// The `name` of a child such as <platform name="android"/>.
std::string NameIn(const Node& pair_success, absl::string_view child_tag) {
  const Node* const child = pair_success.FindChild(child_tag);
  return child == nullptr ? "" : NameText(child->AttributeOr("name"));
}

bool IsLidMigrated(const Node& pair_success) {
  const Node* const child = pair_success.FindChild("client-props");
  proto::ClientPairingProps props;
  return child != nullptr && props.ParseFromString(child->Data()) &&
         props.is_chat_db_lid_migrated();
}

// An ADVSignedDeviceIdentity with its parsed details.
struct VerifiedIdentity {
  proto::ADVSignedDeviceIdentity identity;
  proto::ADVDeviceIdentity details;
};

// Verifies a serialized ADVSignedDeviceIdentityHMAC with the device's keys.
std::variant<VerifiedIdentity, Mistake> Verify(const std::string& bytes,
                                               const Device& device) {
  // 1. The HMAC proves that its sender has scanned our QR code.
  proto::ADVSignedDeviceIdentityHMAC container;
  if (!container.ParseFromString(bytes)) return kMalformed;
  const bool hosted_account = container.account_type() == proto::HOSTED;
  if (!ConstantTimeEquals(container.hmac(),
                          SignedIdentityHmac(device.adv_secret, hosted_account,
                                             container.details()))) {
    return kWrongHmac;
  }
  // 2. The account's signature covers our identity key.
  VerifiedIdentity verified;
  if (!verified.identity.ParseFromString(container.details()) ||
      !verified.details.ParseFromString(verified.identity.details())) {
    return kMalformed;
  }
  const bool hosted_device = verified.details.device_type() == proto::HOSTED;
  if (!XeddsaVerify(
          verified.identity.account_signature_key(),
          AccountSignatureMessage(hosted_device, verified.identity.details(),
                                  device.identity_key.public_key),
          verified.identity.account_signature())) {
    return kWrongSignature;
  }
  return verified;
}

}  // namespace

char PairingClientType(const DeviceAppearance& appearance) {
  const std::string& browser = appearance.browser;
  if (browser == "Chrome") return '1';
  if (browser == "Edge") return '2';
  if (browser == "Firefox") return '3';
  if (browser == "IE") return '4';
  if (browser == "Opera") return '5';
  if (browser == "Safari") return '6';
  // A desktop application: UWP on Windows, Electron on other systems.
  if (browser == "Desktop") return appearance.os == "Windows" ? '8' : '7';
  return '9';
}

std::string QrCodeText(absl::string_view ref, const Device& device,
                       const DeviceAppearance& appearance) {
  return absl::StrCat(kQrPrefix, ref, ",",
                      absl::Base64Escape(device.noise_key.public_key), ",",
                      absl::Base64Escape(device.identity_key.public_key), ",",
                      absl::Base64Escape(device.adv_secret), ",",
                      std::string(1, PairingClientType(appearance)));
}

std::variant<PairingResult, PairingRefusal> AcceptPairSuccess(
    const Node& pair_success, const Device& device, absl::Time now) {
  const std::string id = pair_success.AttributeOr("id");
  const Node* const body = pair_success.FindChild("pair-success");
  const Node* const identity_node =
      body == nullptr ? nullptr : body->FindChild("device-identity");
  const Node* const device_node =
      body == nullptr ? nullptr : body->FindChild("device");
  const std::optional<Jid> jid =
      device_node == nullptr ? std::nullopt : device_node->JidAttribute("jid");
  if (identity_node == nullptr || !jid || jid->user.empty()) {
    return Refuse(id, kMalformed);
  }
  auto outcome = Verify(identity_node->Data(), device);
  if (const auto* mistake = std::get_if<Mistake>(&outcome)) {
    return Refuse(id, *mistake);
  }
  auto& [identity, details] = std::get<VerifiedIdentity>(outcome);
  // 3. Sign the identity in return.
  identity.set_device_signature(XeddsaSign(
      device.identity_key.private_key,
      DeviceSignatureMessage(identity.details(), device.identity_key.public_key,
                             identity.account_signature_key())));
  PairingResult result{device, MakeReply(id, details.key_index(), identity)};
  result.device.jid = *jid;
  result.device.lid = device_node->JidAttribute("lid").value_or(Jid());
  result.device.platform = NameIn(*body, "platform");
  result.device.business_name = NameIn(*body, "biz");
  result.device.account_identity = identity.SerializeAsString();
  result.device.paired_at = now;
  result.device.lid_migrated = IsLidMigrated(*body);
  return result;
}

PairingRefusal DeclinePairSuccess(const Node& pair_success,
                                  absl::Status because) {
  // The error code that other clients use for this.
  return {std::move(because), MakeErrorReply(pair_success.AttributeOr("id"),
                                             500, "internal-error")};
}

}  // namespace portrait::whatsapp
