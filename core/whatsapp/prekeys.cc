#include "core/whatsapp/prekeys.h"

#include <optional>
#include <utility>

#include "core/whatsapp/crypto.h"

namespace portrait::whatsapp {
namespace {

constexpr char kCurve25519[] = "\x05";  // the only type of key there is

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

void DropOldest(Device& device) {
  while (device.prekeys.size() > kMaxKeptPrekeys) {
    // Ids count up and go round, so the oldest follows the next new one.
    auto oldest = device.prekeys.lower_bound(device.next_prekey_id);
    if (oldest == device.prekeys.end()) oldest = device.prekeys.begin();
    device.prekeys.erase(oldest);
  }
}

}  // namespace

size_t PrekeysWanted(uint64_t at_server, size_t kept) {
  if (at_server == 0 && kept == 0) return kFirstPrekeyBatch;
  return at_server < kMinPrekeys || kept < kMinPrekeys ? kNextPrekeyBatch : 0;
}

std::vector<Prekey> DrawPrekeys(Device& device, size_t count) {
  std::vector<Prekey> prekeys;
  prekeys.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t id = device.next_prekey_id;
    device.next_prekey_id = id >= kMaxPrekeyId ? 1 : id + 1;
    KeyPair key = MakeKeyPair();
    device.prekeys[id] = std::move(key.private_key);
    prekeys.push_back({id, std::move(key.public_key)});
  }
  DropOldest(device);
  return prekeys;
}

Node MakePrekeyUpload(const Device& device, absl::Span<const Prekey> prekeys) {
  Node list = MakeNode("list");
  for (const Prekey& prekey : prekeys) {
    list.AddChild(KeyNode("key", prekey.id, prekey.public_key));
  }
  Node signed_key = KeyNode("skey", device.signed_prekey.id,
                            device.signed_prekey.key.public_key);
  signed_key.AddChild(BytesNode("signature", {device.signed_prekey.signature}));

  Node iq = EncryptIq("set");
  iq.AddChild(BytesNode("registration", BigEndian(device.registration_id, 4)));
  iq.AddChild(BytesNode("type", {kCurve25519}));
  iq.AddChild(BytesNode("identity", {device.identity_key.public_key}));
  iq.AddChild(std::move(list));
  iq.AddChild(std::move(signed_key));
  return iq;
}

Node MakePrekeyCountQuery() {
  Node iq = EncryptIq("get");
  iq.AddChild(MakeNode("count"));
  return iq;
}

absl::StatusOr<uint64_t> ParsePrekeyCount(const Node& iq) {
  const Node* const count = iq.FindChild("count");
  const std::optional<uint64_t> value =
      count == nullptr ? std::nullopt : count->NumberAttribute("value");
  if (!value.has_value()) {
    return absl::InvalidArgumentError("prekey count: the answer has none");
  }
  return *value;
}

}  // namespace portrait::whatsapp
