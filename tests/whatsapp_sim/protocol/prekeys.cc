#include "tests/whatsapp_sim/protocol/prekeys.h"

#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/crypto.h"
#include "tests/whatsapp_sim/protocol/rules.h"
#include "tests/whatsapp_sim/protocol/stanzas.h"

namespace portrait::sim {
namespace {

using whatsapp::MakeNode;
using whatsapp::Node;

constexpr size_t kIdBytes = 3;
constexpr absl::string_view kKeyType = "\x05";

// Parses the <skey> in `parent`.
//
// Errors, here and below: those of Broken().
absl::StatusOr<state::StoredCompanion::SignedPrekey> ParseSignedPrekey(
    const Node& parent, absl::string_view identity) {
  const Node* skey = parent.FindChild("skey");
  if (skey == nullptr || ChildData(*skey, "id").size() != kIdBytes) {
    return Broken(Rule::kSignedPrekey, "no <skey> with a 3-byte id");
  }
  const std::string value = ChildData(*skey, "value");
  if (value.size() != whatsapp::kKeyBytes ||
      !whatsapp::XeddsaVerify(identity, absl::StrCat(kKeyType, value),
                              ChildData(*skey, "signature"))) {
    return Broken(Rule::kSignedPrekey, "the signature does not hold");
  }
  state::StoredCompanion::SignedPrekey prekey;
  prekey.set_id(ChildData(*skey, "id"));
  prekey.set_key(value);
  prekey.set_signature(ChildData(*skey, "signature"));
  return prekey;
}

absl::StatusOr<std::map<uint32_t, std::string>> ParseUpload(
    const Node& iq, const state::StoredCompanion& paired) {
  if (ChildData(iq, "registration") != paired.registration_id() ||
      ChildData(iq, "type") != kKeyType) {
    return Broken(Rule::kPrekeys,
                  "another registration id than paired, or type not 05");
  }
  if (ChildData(iq, "identity") != paired.identity_key()) {
    return Broken(Rule::kPrekeys, "another identity than paired");
  }
  const Node* list = iq.FindChild("list");
  if (list == nullptr || list->children().empty()) {
    return Broken(Rule::kPrekeys, "no keys");
  }
  std::map<uint32_t, std::string> prekeys;
  for (const Node& key : list->children()) {
    const std::string id = ChildData(key, "id");
    const std::string value = ChildData(key, "value");
    if (id.size() != kIdBytes || value.size() != whatsapp::kKeyBytes) {
      return Broken(Rule::kPrekeys,
                    "a key without a 3-byte id and a 32-byte value");
    }
    uint32_t number = 0;
    for (const char c : id) number = number << 8 | static_cast<uint8_t>(c);
    if (number == 0 || !prekeys.emplace(number, value).second) {
      return Broken(Rule::kPrekeys, "an id is 0 or comes twice");
    }
  }
  return prekeys;
}

Node BytesNode(absl::string_view tag, const std::string& bytes) {
  return MakeNode(tag, {}, Node::Bytes{bytes});
}

std::string IdBytes(uint32_t id) {
  return {static_cast<char>(id >> 16), static_cast<char>(id >> 8),
          static_cast<char>(id)};
}

// hash = SHA-1(identity ‖ signed prekey ‖ its signature ‖ prekeys by id).
Node Digest(const Companion& companion) {
  const state::StoredCompanion stored = companion.Snapshot();
  const std::map<uint32_t, std::string> prekeys(stored.prekeys().begin(),
                                                stored.prekeys().end());
  std::string hashed =
      absl::StrCat(stored.identity_key(), stored.signed_prekey().key(),
                   stored.signed_prekey().signature());
  Node list = MakeNode("list", {}, Node::Children{});
  for (const auto& [id, key] : prekeys) {
    hashed.append(key);
    list.AddChild(BytesNode("id", IdBytes(id)));
  }
  Node digest = MakeNode("digest");
  digest.AddChild(BytesNode("registration", stored.registration_id()));
  digest.AddChild(BytesNode("type", std::string(kKeyType)));
  digest.AddChild(BytesNode("identity", stored.identity_key()));
  digest.AddChild(MakeNode(
      "skey", {},
      Node::Children{
          BytesNode("id", stored.signed_prekey().id()),
          BytesNode("value", stored.signed_prekey().key()),
          BytesNode("signature", stored.signed_prekey().signature())}));
  digest.AddChild(std::move(list));
  digest.AddChild(BytesNode("hash", whatsapp::Sha1(hashed)));
  return digest;
}

Reaction Saved(const Asker& asker, const Node& iq) {
  const bool saved = asker.network.companions->Save(asker.companion).ok();
  return Answer(saved ? ResultOf(iq) : ErrorOf(iq, 500));
}

Reaction Rotate(const Asker& asker, const Node& iq, const Node& rotate) {
  const auto prekey =
      ParseSignedPrekey(rotate, asker.companion.identity().identity_key());
  if (!prekey.ok()) return Punish(iq, prekey.status());
  asker.companion.SetSignedPrekey(*prekey);
  return Saved(asker, iq);
}

Reaction Upload(const Asker& asker, const Node& iq) {
  const state::StoredCompanion& paired = asker.companion.identity();
  const auto signed_prekey = ParseSignedPrekey(iq, paired.identity_key());
  if (!signed_prekey.ok()) return Punish(iq, signed_prekey.status());
  const auto prekeys = ParseUpload(iq, paired);
  if (!prekeys.ok()) return Punish(iq, prekeys.status());
  const absl::Status added = asker.companion.AddPrekeys(*prekeys);
  if (!added.ok()) return Punish(iq, added);
  asker.companion.SetSignedPrekey(*signed_prekey);
  return Saved(asker, iq);
}

}  // namespace

Reaction ReactToEncrypt(const Asker& asker, const Node& iq) {
  Companion& companion = asker.companion;
  if (iq.FindChild("count") != nullptr) {
    return Answer(ResultOf(
        iq,
        Node::Children{MakeNode(
            "count", {{"value", absl::StrCat(companion.prekey_count())}})}));
  }
  if (iq.FindChild("digest") != nullptr) {
    if (companion.prekey_count() == 0) return Answer(ErrorOf(iq, 404));
    return Answer(ResultOf(iq, Node::Children{Digest(companion)}));
  }
  if (const Node* rotate = iq.FindChild("rotate"))
    return Rotate(asker, iq, *rotate);
  if (iq.AttributeOr("type") != "set") return Answer(ErrorOf(iq, 501));
  return Upload(asker, iq);
}

}  // namespace portrait::sim
