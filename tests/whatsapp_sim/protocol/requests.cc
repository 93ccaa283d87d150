#include "tests/whatsapp_sim/protocol/requests.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "tests/whatsapp_sim/directory/channels.h"
#include "tests/whatsapp_sim/directory/pictures.h"
#include "tests/whatsapp_sim/directory/token_office.h"
#include "tests/whatsapp_sim/protocol/group_pictures.h"
#include "tests/whatsapp_sim/protocol/prekeys.h"
#include "tests/whatsapp_sim/protocol/rules.h"
#include "tests/whatsapp_sim/protocol/usync.h"

namespace portrait::sim {
namespace {

using whatsapp::MakeNode;
using whatsapp::Node;

Reaction AnswerNothing(const Asker&, const Node& iq) {
  return Answer(ResultOf(iq));
}

// For requests that exist in WhatsApp but are not needed for lookups.
Reaction NotImplemented(const Asker&, const Node& iq) {
  return Answer(ErrorOf(iq, 501));
}

// Server-side settings; 9666: send privacy tokens with picture queries.
Reaction ReactToProps(const Asker&, const Node& iq) {
  return Answer(ResultOf(
      iq, Node::Children{MakeNode(
              "props",
              {{"protocol", std::string("1")}, {"hash", std::string("sim1")}},
              Node::Children{MakeNode(
                  "prop", {{"config_code", std::string("9666")},
                           {"config_value", std::string("true")}})})}));
}

// No collection of the app state has ever been changed.
Reaction ReactToAppState(const Asker&, const Node& iq) {
  Node sync = MakeNode("sync");
  if (const Node* const asked = iq.FindChild("sync")) {
    for (const Node& collection : asked->children()) {
      sync.AddChild(
          MakeNode("collection", {{"name", collection.AttributeOr("name")},
                                  {"version", std::string("0")}}));
    }
  }
  return Answer(ResultOf(iq, Node::Children{std::move(sync)}));
}

Reaction ReactToClean(const Asker& asker, const Node& iq) {
  for (const Node& clean : iq.children()) {
    const absl::Status cleared = asker.companion.ClearDirty(clean);
    if (!cleared.ok()) return Punish(iq, cleared);
  }
  return Answer(ResultOf(iq));
}

Reaction ReactToBlocklist(const Asker&, const Node& iq) {
  return Answer(
      ResultOf(iq, Node::Children{MakeNode("list", {}, Node::Children{})}));
}

// An account gives its token to other accounts.
Reaction ReactToTokens(const Asker& asker, const Node& iq) {
  const Node* const tokens = iq.FindChild("tokens");
  if (tokens == nullptr) return Answer(ResultOf(iq));
  for (const Node& token : tokens->children()) {
    const std::optional<whatsapp::Jid> jid = token.JidAttribute("jid");
    const std::optional<uint64_t> t = token.NumberAttribute("t");
    if (!jid.has_value() || !t.has_value()) continue;
    const std::optional<Account> holder =
        asker.network.directory.FindByJid(*jid);
    if (!holder.has_value()) continue;
    GiveToken(asker.network, asker.account, *holder,
              absl::FromUnixSeconds(static_cast<int64_t>(*t)));
  }
  return Answer(ResultOf(iq));
}

Reaction ReactToPrivacy(const Asker& asker, const Node& iq) {
  if (iq.AttributeOr("type") == "set") return ReactToTokens(asker, iq);
  Node privacy = MakeNode("privacy");
  for (const char* name : {"profile", "status", "last", "readreceipts"}) {
    privacy.AddChild(MakeNode("category", {{"name", std::string(name)},
                                           {"value", std::string("all")}}));
  }
  return Answer(ResultOf(iq, Node::Children{std::move(privacy)}));
}

Reaction ReactToBusinessProfile(const Asker& asker, const Node& iq) {
  const Node* request = iq.FindChild("business_profile");
  const Node* profile =
      request == nullptr ? nullptr : request->FindChild("profile");
  const std::optional<whatsapp::Jid> jid =
      profile == nullptr ? std::nullopt : profile->JidAttribute("jid");
  if (!jid.has_value()) {
    return Punish(iq, Broken(Rule::kBusinessProfile, "no profile jid"));
  }
  Node answer = MakeNode("business_profile", {{"v", std::string("244")}});
  const std::optional<Account> account =
      asker.network.directory.FindByJid(*jid);
  if (account.has_value() && account->registered && account->is_business) {
    answer.AddChild(MakeNode(
        "profile",
        {{"jid", *jid}, {"tag", absl::StrCat(account->number % 1000)}},
        Node::Children{MakeNode("description", {},
                                Node::Bytes{absl::StrCat(
                                    "Welcome to ", account->verified_name)})}));
  }
  return Answer(ResultOf(iq, Node::Children{std::move(answer)}));
}

using Handler = Reaction (*)(const Asker&, const Node&);

const absl::flat_hash_map<std::string, Handler>& Handlers() {
  static const auto& handlers = *new absl::flat_hash_map<std::string, Handler>{
      {"usync", ReactToUsync},
      {"w:profile:picture", ReactToPicture},
      {"w:g2", ReactToGroups},
      {"w:biz", ReactToBusinessProfile},
      {"encrypt", ReactToEncrypt},
      {"abt", ReactToProps},
      {"blocklist", ReactToBlocklist},
      {"privacy", ReactToPrivacy},
      {"w:p", AnswerNothing},
      {"passive", AnswerNothing},
      {"urn:xmpp:whatsapp:dirty", ReactToClean},
      {"disappearing_mode", NotImplemented},
      {"status", NotImplemented},
      {"w:m", NotImplemented},
      {"w:mex", ReactToMex},
      {"w:qr", NotImplemented},
      {"w:stats", NotImplemented},
      {"w:sync:app:state", ReactToAppState},
      {"bot", NotImplemented},
      {"tos", NotImplemented},
      {"newsletter", NotImplemented},
  };
  return handlers;
}

}  // namespace

bool IsLookup(const Node& iq) {
  const std::string xmlns = iq.AttributeOr("xmlns");
  return xmlns == "usync" || (iq.AttributeOr("type") == "get" &&
                              (xmlns == "w:profile:picture" ||
                               xmlns == "w:g2" || xmlns == "w:mex"));
}

Reaction ReactToRequest(const Asker& asker, const Node& iq) {
  const std::string xmlns = iq.AttributeOr("xmlns");
  const auto handler = Handlers().find(xmlns);
  if (handler == Handlers().end()) {
    return Punish(iq, Broken(Rule::kIqNamespace,
                             absl::StrCat("unknown xmlns '", xmlns, "'")));
  }
  return handler->second(asker, iq);
}

}  // namespace portrait::sim
