#include "tests/whatsapp_sim/protocol/usync_facts.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/crypto.h"
#include "tests/whatsapp_sim/protocol/stanzas.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::sim {
namespace {

using whatsapp::MakeNode;
using whatsapp::Node;

// Constant times, equal in every run.
constexpr uint64_t kVerifiedAt = 1'650'000'000;
constexpr uint64_t kStatusSetAt = 1'700'000'000;
constexpr uint64_t kDevicesChangedAt = 1'690'000'000;

constexpr absl::string_view kKeyIndexPrefix("\x06\x02", 2);
constexpr size_t kDeviceHashBytes = 6;

// Clients do not verify the signature, so only its size is realistic.
std::string VerifiedNameCertificate(const Account& account) {
  whatsapp::proto::VerifiedNameCertificate::Details details;
  details.set_serial(account.number);
  details.set_issuer("smb:wa");
  details.set_verified_name(account.verified_name);
  details.set_issue_time(kVerifiedAt);
  whatsapp::proto::VerifiedNameCertificate certificate;
  certificate.set_details(details.SerializeAsString());
  certificate.set_signature(std::string(whatsapp::kSignatureBytes, '\x5a'));
  return certificate.SerializeAsString();
}

// <business/> without children is a business without a verified name.
std::optional<Node> Business(const Asker&, const Account& account) {
  if (!account.is_business) return std::nullopt;
  Node business = MakeNode("business");
  if (account.verified_name.empty()) return business;
  business.AddChild(VerifiedName(account));
  return business;
}

std::optional<Node> PictureFact(const Asker& asker, const Account& account) {
  const Picture& picture = account.picture;
  if (picture.visible()) return MakeNode("picture", {{"id", picture.id}});
  if (asker.network.habits.usync_bare_pictures) return std::nullopt;
  return MakeNode("picture", {},
                  Node::Children{ErrorNode(picture.hidden ? 401 : 404)});
}

std::optional<Node> Lid(const Asker&, const Account& account) {
  return MakeNode("lid", {{"val", account.lid_jid()}});
}

// One account in four hides its status text.
std::optional<Node> Status(const Asker&, const Account& account) {
  if (account.number % 4 == 3) {
    return MakeNode("status", {{"code", std::string("401")}}, Node::Bytes{});
  }
  return MakeNode("status", {{"t", absl::StrCat(kStatusSetAt)}},
                  Node::Bytes{"Hey there! I am using WhatsApp."});
}

// Signed by the phone: the indexes of the companions' keys that are valid.
std::string KeyIndexList(const Asker& asker, const Account& account,
                         const std::vector<uint32_t>& indexes) {
  whatsapp::proto::ADVKeyIndexList details;
  details.set_raw_id(
      static_cast<uint32_t>(asker.network.directory.SubjectOf(account.number)));
  details.set_timestamp(kDevicesChangedAt);
  for (const uint32_t index : indexes) {
    details.add_valid_indexes(index);
    details.set_current_index(std::max(details.current_index(), index));
  }
  whatsapp::proto::ADVSignedKeyIndexList list;
  list.set_details(details.SerializeAsString());
  list.set_account_signature(whatsapp::XeddsaSign(
      asker.network.keys.PhoneIdentity(account.number).private_key,
      absl::StrCat(kKeyIndexPrefix, list.details())));
  return list.SerializeAsString();
}

std::optional<Node> Devices(const Asker& asker, const Account& account) {
  Node list = MakeNode("device-list");
  list.AddChild(MakeNode("device", {{"id", std::string("0")}}));
  std::vector<uint32_t> indexes;
  std::string all = "0";
  for (const auto& companion :
       asker.network.companions->FindAllOf(account.number)) {
    const std::string device = absl::StrCat(companion->identity().device());
    indexes.push_back(companion->identity().key_index());
    absl::StrAppend(&all, ",", device);
    list.AddChild(MakeNode(
        "device",
        {{"id", device}, {"key-index", absl::StrCat(indexes.back())}}));
  }
  list.SetAttribute(
      "hash",
      absl::StrCat("2:", absl::Base64Escape(whatsapp::Sha256(all).substr(
                             0, kDeviceHashBytes))));
  Node keys =
      MakeNode("key-index-list", {{"ts", absl::StrCat(kDevicesChangedAt)}},
               Node::Bytes{KeyIndexList(asker, account, indexes)});
  return MakeNode("devices", {},
                  Node::Children{std::move(list), std::move(keys)});
}

// The features that the client has named, all of which the account has.
Node Features(const Node& protocol) {
  Node told = MakeNode("feature");
  for (const Node& feature : protocol.children()) {
    told.AddChild(MakeNode(feature.tag, {{"value", std::string("true")}}));
  }
  return told;
}

std::optional<Node> DisappearingMode(const Asker&, const Account&) {
  return MakeNode("disappearing_mode",
                  {{"duration", std::string("0")}, {"t", std::string("0")}});
}

// One account in ten has taken a username.
std::optional<Node> Username(const Asker&, const Account& account) {
  if (account.number % 10 != 1) return std::nullopt;
  return MakeNode(
      "username", {},
      Node::Bytes{absl::StrCat("user", account.number % 1'000'000)});
}

using Fact = std::optional<Node> (*)(const Asker&, const Account&);

}  // namespace

Node VerifiedName(const Account& account) {
  return MakeNode(
      "verified_name",
      {{"v", std::string("1")}, {"verified_level", std::string("low")}},
      Node::Bytes{VerifiedNameCertificate(account)});
}

std::optional<Node> UsyncFact(const Asker& asker, const Node& protocol,
                              const Account& account) {
  static const auto& facts = *new absl::flat_hash_map<std::string, Fact>{
      {"business", Business}, {"picture", PictureFact},
      {"lid", Lid},           {"status", Status},
      {"devices", Devices},   {"disappearing_mode", DisappearingMode},
      {"username", Username},
  };
  if (protocol.tag == "feature") return Features(protocol);
  const auto it = facts.find(protocol.tag);
  if (it == facts.end()) return std::nullopt;
  return it->second(asker, account);
}

}  // namespace portrait::sim
