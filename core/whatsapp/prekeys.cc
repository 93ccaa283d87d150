#include "core/whatsapp/prekeys.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/crypto.h"
#include "core/whatsapp/queries.h"

namespace portrait::whatsapp {
namespace {

constexpr char kCurve25519[] = "\x05";  // the only key type in use

Node::Bytes BigEndian(uint32_t value, int bytes) {
  Node::Bytes out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out.data.push_back(static_cast<char>(value >> shift));
  }
  return out;
}

Node BytesNode(absl::string_view tag, Node::Bytes bytes) {
  return MakeNode(tag, {}, std::move(bytes));
}

Node KeyNode(absl::string_view tag, uint32_t id, const std::string& value) {
  Node key = MakeNode(tag);
  key.AddChild(BytesNode("id", BigEndian(id, 3)));
  key.AddChild(BytesNode("value", {value}));
  return key;
}

Node EncryptIq(const char* type) {
  return MakeNode("iq", {{"xmlns", std::string("encrypt")},
                         {"type", std::string(type)},
                         {"to", ServerJid()}});
}

}  // namespace

bool IsMissingPrekeys(const Device& device) {
  return device.next_prekey_id == 1 || device.prekey_upload_pending;
}

KeyPair PrekeyOf(const Device& device, uint32_t id) {
  return KeyPairFromPrivate(HkdfSha256(device.prekey_seed, /*salt=*/"",
                                       absl::StrCat("Portrait prekey ", id),
                                       kKeyBytes));
}

std::vector<Prekey> DrawPrekeys(Device& device, size_t count) {
  std::vector<Prekey> prekeys;
  prekeys.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t id = device.next_prekey_id;
    device.next_prekey_id = id >= kMaxPrekeyId ? 1 : id + 1;
    prekeys.push_back({id, PrekeyOf(device, id).public_key});
  }
  return prekeys;
}

Node MakePrekeyUpload(const Device& device, absl::Span<const Prekey> prekeys) {
  Node list = MakeNode("list");
  for (const Prekey& prekey : prekeys) {
    list.AddChild(KeyNode("key", prekey.id, prekey.public_key));
  }
  Node iq = EncryptIq("set");
  iq.AddChild(BytesNode("registration", BigEndian(device.registration_id, 4)));
  iq.AddChild(BytesNode("type", {kCurve25519}));
  iq.AddChild(BytesNode("identity", {device.identity_key.public_key}));
  iq.AddChild(std::move(list));
  iq.AddChild(SignedPrekeyNode(device.signed_prekey));
  return iq;
}

Node SignedPrekeyNode(const SignedPrekey& prekey) {
  Node node = KeyNode("skey", prekey.id, prekey.key.public_key);
  node.AddChild(BytesNode("signature", {prekey.signature}));
  return node;
}

Node MakeKeyDigestQuery() {
  Node iq = EncryptIq("get");
  iq.AddChild(MakeNode("digest"));
  return iq;
}

absl::Status CheckKeyDigest(const Node& iq, const Device& device) {
  RETURN_IF_ERROR(IqError(iq));
  const Node* const digest = iq.FindChild("digest");
  const Node* const signed_key =
      digest == nullptr ? nullptr : digest->FindChild("skey");
  const auto holds = [](const Node* parent, absl::string_view tag,
                        absl::string_view data) {
    const Node* const child =
        parent == nullptr ? nullptr : parent->FindChild(tag);
    return child != nullptr && child->Data() == data;
  };
  const std::optional<SignedPrekey>& offered = device.offered_signed_prekey;
  if (!holds(digest, "registration",
             BigEndian(device.registration_id, 4).data) ||
      !holds(digest, "identity", device.identity_key.public_key) ||
      !(holds(signed_key, "value", device.signed_prekey.key.public_key) ||
        (offered && holds(signed_key, "value", offered->key.public_key)))) {
    return absl::DataLossError(
        "key digest: the server's keys differ from those of this device");
  }
  return absl::OkStatus();
}

}  // namespace portrait::whatsapp
