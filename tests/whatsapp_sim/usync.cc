#include "tests/whatsapp_sim/usync.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "tests/whatsapp_sim/contact_rules.h"
#include "tests/whatsapp_sim/rules.h"
#include "tests/whatsapp_sim/usync_facts.h"

namespace portrait::sim {
namespace {

using whatsapp::Jid;
using whatsapp::MakeNode;
using whatsapp::Node;

// The parts of a request; they point into it.
struct Query {
  const Node* usync = nullptr;
  const Node* protocols = nullptr;
  const Node* users = nullptr;
  bool asks_contact = false;
  bool lid_addressing = false;
};

// Errors, here and below: those of Broken().
absl::Status CheckOneOf(const Node& usync, absl::string_view name,
                        std::initializer_list<absl::string_view> values) {
  const std::string value = usync.AttributeOr(name);
  for (absl::string_view allowed : values) {
    if (value == allowed) return absl::OkStatus();
  }
  return Broken(Rule::kUsync, absl::StrCat(name, "=\"", value, "\""));
}

absl::StatusOr<Query> ParseQuery(const Node& iq) {
  Query query;
  query.usync = iq.FindChild("usync");
  if (query.usync == nullptr || query.usync->AttributeOr("sid").empty()) {
    return Broken(Rule::kUsync, "no <usync> with a sid");
  }
  if (query.usync->AttributeOr("sid") == iq.AttributeOr("id")) {
    return Broken(Rule::kUsync, "the sid is the iq's id");
  }
  RETURN_IF_ERROR(CheckOneOf(*query.usync, "mode", {"query", "full", "delta"}));
  RETURN_IF_ERROR(CheckOneOf(*query.usync, "context",
                             {"interactive", "background", "message", "voip"}));
  // One page: no client sends another.
  RETURN_IF_ERROR(CheckOneOf(*query.usync, "index", {"0"}));
  RETURN_IF_ERROR(CheckOneOf(*query.usync, "last", {"true"}));
  query.protocols = query.usync->FindChild("query");
  query.users = query.usync->FindChild("list");
  if (query.protocols == nullptr || query.protocols->children().empty() ||
      query.users == nullptr || query.users->children().empty()) {
    return Broken(Rule::kUsync, "no protocol or no user");
  }
  absl::flat_hash_set<std::string> seen;
  for (const Node& protocol : query.protocols->children()) {
    if (!seen.insert(protocol.tag).second) {
      return Broken(Rule::kUsync,
                    absl::StrCat("protocol ", protocol.tag, " twice"));
    }
    if (protocol.tag != "contact") continue;
    query.asks_contact = true;
    query.lid_addressing = protocol.AttributeOr("addressing_mode") == "lid";
  }
  return query;
}

// What a <user> of the request asks about.
struct Asked {
  std::string contact_text;  // as typed; empty when asked by JID
  Jid jid;                   // empty when typed
};

absl::StatusOr<Asked> ParseUser(const Asker& asker, const Query& query,
                                const Node& user) {
  Asked asked;
  if (user.Attribute("jid").has_value()) {
    ASSIGN_OR_RETURN(asked.jid, ContactJid(asker, user, "jid"));
    return asked;
  }
  const Node* contact = user.FindChild("contact");
  if (contact == nullptr) {
    return Broken(Rule::kUsync, "a user without jid and contact");
  }
  if (!query.asks_contact) {
    return Broken(Rule::kUsync, "a typed contact needs the contact protocol");
  }
  asked.contact_text = contact->Data();
  return asked;
}

Node ContactNode(absl::string_view type, const std::string& text) {
  return MakeNode("contact", {{"type", std::string(type)}}, Node::Bytes{text});
}

// A typed number that is nobody's. WhatsApp gives a JID with some of these and
// with some not.
Node UnregisteredUser(const Query& query, uint64_t number,
                      const std::string& text) {
  Node user = MakeNode("user");
  const Jid jid = whatsapp::PhoneNumberJid(absl::StrCat(number));
  if (query.lid_addressing || number % 2 == 0) user.SetAttribute("jid", jid);
  if (query.lid_addressing) user.SetAttribute("pn_jid", jid);
  user.AddChild(ContactNode("out", text));
  return user;
}

Node RegisteredUser(const Asker& asker, const Query& query, const Asked& asked,
                    const Account& account) {
  Node user = MakeNode("user");
  const bool by_lid = asked.jid.IsLid();
  user.SetAttribute("jid", by_lid || query.lid_addressing ? account.lid_jid()
                                                          : account.pn_jid());
  // Whoever knows only the LID does not learn the number.
  if (query.lid_addressing && !by_lid) {
    user.SetAttribute("pn_jid", account.pn_jid());
  }
  for (const Node& protocol : query.protocols->children()) {
    if (protocol.tag == "contact") {
      user.AddChild(ContactNode("in", asked.contact_text));
      continue;
    }
    std::optional<Node> fact = UsyncFact(asker, protocol, account);
    if (fact.has_value()) user.AddChild(*std::move(fact));
  }
  return user;
}

// Nothing where the server leaves the user out: a JID that is nobody's.
std::optional<Node> AnswerUser(const Asker& asker, const Query& query,
                               const Asked& asked) {
  const Directory& directory = asker.network.directory;
  if (!asked.jid.user.empty()) {
    const std::optional<Account> account = directory.FindByJid(asked.jid);
    if (!account.has_value() || !account->registered) return std::nullopt;
    asker.companion.Remember(directory.SubjectOf(account->number));
    return RegisteredUser(asker, query, asked, *account);
  }
  const std::optional<uint64_t> typed =
      Directory::ParseNumber(asked.contact_text);
  if (!typed.has_value()) {
    Node user = MakeNode("user");
    user.AddChild(ContactNode("invalid", asked.contact_text));
    return user;
  }
  const Account account =
      directory.FindAccount(Directory::RegisteredSpelling(*typed));
  asker.companion.Remember(directory.SubjectOf(account.number));
  if (!account.registered) {
    return UnregisteredUser(query, *typed, asked.contact_text);
  }
  return RegisteredUser(asker, query, asked, account);
}

// <usync> as in the request, with <result> and <list> in it.
Node AnswerFrame(const Query& query, Node result, Node list) {
  Node usync = MakeNode("usync");
  usync.attributes = query.usync->attributes;
  usync.AddChild(std::move(result));
  usync.AddChild(std::move(list));
  return usync;
}

}  // namespace

size_t UsyncUsers(const Node& iq) {
  const Node* usync = iq.FindChild("usync");
  const Node* list = usync == nullptr ? nullptr : usync->FindChild("list");
  return list == nullptr ? 0 : list->children().size();
}

Reaction ReactToUsync(const Asker& asker, const Node& iq) {
  const absl::StatusOr<Query> query = ParseQuery(iq);
  if (!query.ok()) return Punish(iq, query.status());
  const uint32_t limit = asker.network.faults.Get().usync_users_limit;
  if (limit != 0 && UsyncUsers(iq) > limit) return Answer(ErrorOf(iq, 400));

  Node list = MakeNode("list", {}, Node::Children{});
  for (const Node& user : query->users->children()) {
    const absl::StatusOr<Asked> asked = ParseUser(asker, *query, user);
    if (!asked.ok()) return Punish(iq, asked.status());
    std::optional<Node> answer = AnswerUser(asker, *query, *asked);
    if (answer.has_value()) list.AddChild(*std::move(answer));
  }
  Node result = MakeNode("result", {}, Node::Children{});
  for (const Node& protocol : query->protocols->children()) {
    result.AddChild(MakeNode(protocol.tag));
  }
  return Answer(ResultOf(iq, Node::Children{AnswerFrame(
                                 *query, std::move(result), std::move(list))}));
}

Node UsyncRateLimit(const Node& iq, absl::Duration backoff) {
  const absl::StatusOr<Query> query = ParseQuery(iq);
  if (!query.ok()) return RateLimitOf(iq, backoff);
  Node result = MakeNode("result", {}, Node::Children{});
  for (const Node& protocol : query->protocols->children()) {
    result.AddChild(
        MakeNode(protocol.tag, {}, Node::Children{ErrorNode(429, backoff)}));
  }
  return ResultOf(
      iq, Node::Children{AnswerFrame(*query, std::move(result),
                                     MakeNode("list", {}, Node::Children{}))});
}

}  // namespace portrait::sim
