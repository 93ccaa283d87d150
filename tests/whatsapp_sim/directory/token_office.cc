#include "tests/whatsapp_sim/directory/token_office.h"

#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "core/whatsapp/crypto.h"
#include "core/whatsapp/privacy_token.h"
#include "tests/whatsapp_sim/protocol/rules.h"

namespace portrait::sim {
namespace {

using whatsapp::MakeNode;
using whatsapp::Node;

// Makes a token that is opaque to clients: "<Unix seconds>.<seal>".
std::string TokenOf(const Network& network, uint64_t owner, uint64_t holder,
                    int64_t issued_at) {
  constexpr size_t kSealBytes = 16;
  const std::string seal = whatsapp::HmacSha256(
      network.keys.phone_key,
      absl::StrCat("token ", owner, " ", holder, " ", issued_at));
  return absl::StrCat(issued_at, ".", seal.substr(0, kSealBytes));
}

}  // namespace

void GiveToken(const Network& network, const Account& owner,
               const Account& holder, absl::Time issued_at) {
  constexpr size_t kIdBytes = 8;
  const int64_t t = absl::ToUnixSeconds(issued_at);
  Node token =
      MakeNode("token",
               {{"type", std::string("trusted_contact")},
                {"t", absl::StrCat(t)},
                {"jid", holder.pn_jid()}},
               Node::Bytes{TokenOf(network, owner.number, holder.number, t)});
  const Node stanza = MakeNode(
      "notification",
      {{"from", owner.pn_jid()},
       {"sender_lid", owner.lid_jid()},
       {"type", std::string("privacy_token")},
       {"id", absl::BytesToHexString(RandomBytes(kIdBytes))},
       {"t", absl::StrCat(absl::ToUnixSeconds(network.clock()))}},
      Node::Children{MakeNode("tokens", {}, Node::Children{std::move(token)})});
  for (const auto& companion : network.companions->FindAllOf(holder.number)) {
    companion->Deliver(stanza);
  }
}

absl::StatusOr<bool> HasToken(const Asker& asker, const Account& owner,
                              const Node& node) {
  const Node* const token = node.FindChild("tctoken");
  if (token == nullptr) return false;
  const std::string bytes = token->Data();
  int64_t t = 0;
  if (!absl::SimpleAtoi(bytes.substr(0, bytes.find('.')), &t) ||
      bytes != TokenOf(asker.network, owner.number, asker.account.number, t)) {
    return Broken(Rule::kToken, "a tctoken that the contact did not give");
  }
  if (whatsapp::IsPrivacyTokenExpired(absl::FromUnixSeconds(t),
                                      asker.network.clock())) {
    return Broken(Rule::kToken, "a tctoken that has expired");
  }
  return true;
}

}  // namespace portrait::sim
