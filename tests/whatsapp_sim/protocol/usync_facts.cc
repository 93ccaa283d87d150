#include "tests/whatsapp_sim/protocol/usync_facts.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
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

// One account in four hides it.
std::optional<Node> Status(const Asker&, const Account& account) {
  if (account.number % 4 == 3) {
    return MakeNode("status", {{"code", std::string("401")}}, Node::Bytes{});
  }
  return MakeNode("status", {{"t", absl::StrCat(kStatusSetAt)}},
                  Node::Bytes{"Hey there! I am using WhatsApp."});
}

std::optional<Node> Devices(const Asker& asker, const Account& account) {
  Node list = MakeNode("device-list");
  list.AddChild(MakeNode("device", {{"id", std::string("0")}}));
  for (const auto& companion :
       asker.network.companions->FindAllOf(account.number)) {
    list.AddChild(MakeNode(
        "device",
        {{"id", absl::StrCat(companion->identity().device())},
         {"key-index", absl::StrCat(companion->identity().key_index())}}));
  }
  return MakeNode("devices", {}, Node::Children{std::move(list)});
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
  const auto it = facts.find(protocol.tag);
  if (it == facts.end()) return std::nullopt;
  return it->second(asker, account);
}

}  // namespace portrait::sim
