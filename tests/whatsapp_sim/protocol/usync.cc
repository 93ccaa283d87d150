#include "tests/whatsapp_sim/protocol/usync.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "tests/whatsapp_sim/directory/contact_rules.h"
#include "tests/whatsapp_sim/directory/token_office.h"
#include "tests/whatsapp_sim/protocol/rules.h"
#include "tests/whatsapp_sim/protocol/usync_facts.h"

namespace portrait::sim {
namespace {

using whatsapp::Jid;
using whatsapp::MakeNode;
using whatsapp::Node;

// Views of the parts of a request.
struct Query {
  const Node* usync = nullptr;
  const Node* protocols = nullptr;
  const Node* users = nullptr;
  bool asks_contact = false;
  bool lid_addressing = false;

  bool Asks(absl::string_view protocol) const {
    return protocols->FindChild(protocol) != nullptr;
  }
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
  // Clients only send requests with one page.
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

// The contact of a <user> in the request.
struct Asked {
  std::string contact_text;  // as typed; empty if the request has a JID
  Jid jid;                   // empty if the request has a typed number
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
  if (const Node* const hint = user.FindChild("lid"); hint != nullptr) {
    ASSIGN_OR_RETURN(const Jid lid, ContactJid(asker, *hint, "jid"));
    if (!lid.IsLid() || !query.Asks("lid")) {
      return Broken(Rule::kUsync, "a known LID that is none, or not asked for");
    }
  }
  return asked;
}

// Returns the account as `asker` may see it.
//
// Errors: those of Broken().
absl::StatusOr<Account> ShownTo(const Asker& asker, const Query& query,
                                const Node& user, Account account) {
  if (user.FindChild("tctoken") != nullptr && !query.Asks("status")) {
    return Broken(Rule::kUsync, "a tctoken without the status protocol");
  }
  ASSIGN_OR_RETURN(const bool has_token, HasToken(asker, account, user));
  account.picture.hidden |= account.picture.needs_token && !has_token;
  account.picture.needs_token = false;
  return account;
}

Node ContactNode(absl::string_view type, const std::string& text) {
  return MakeNode("contact", {{"type", std::string(type)}}, Node::Bytes{text});
}

// The <user> for a typed number without an account. WhatsApp includes a JID for
// some of them.
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
  // A client that knows only the LID does not get the number.
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

// Returns nothing if the server omits the user: a JID without an account.
//
// Errors: those of Broken().
absl::StatusOr<std::optional<Node>> AnswerUser(const Asker& asker,
                                               const Query& query,
                                               const Node& user) {
  ASSIGN_OR_RETURN(const Asked asked, ParseUser(asker, query, user));
  const Directory& directory = asker.network.directory;
  Account account;
  if (!asked.jid.user.empty()) {
    const std::optional<Account> found = directory.FindByJid(asked.jid);
    if (!found.has_value() || !found->registered) return std::nullopt;
    account = *found;
  } else {
    const std::optional<uint64_t> typed =
        Directory::ParseNumber(asked.contact_text);
    if (!typed.has_value()) {
      Node invalid = MakeNode("user");
      invalid.AddChild(ContactNode("invalid", asked.contact_text));
      return invalid;
    }
    account = directory.FindAccount(asker.network.habits.resolves_spellings
                                        ? Directory::RegisteredSpelling(*typed)
                                        : *typed);
    if (!account.registered) {
      asker.companion.Remember(directory.SubjectOf(account.number));
      return UnregisteredUser(query, *typed, asked.contact_text);
    }
  }
  asker.companion.Remember(directory.SubjectOf(account.number));
  ASSIGN_OR_RETURN(const Account shown,
                   ShownTo(asker, query, user, std::move(account)));
  return RegisteredUser(asker, query, asked, shown);
}

// Applies the faults to a <user>.
void Fail(const std::vector<UsyncFault>& faults, Node* user) {
  for (const UsyncFault& fault : faults) {
    auto* const children = std::get_if<Node::Children>(&user->content);
    if (children == nullptr) return;
    const auto told = std::remove_if(
        children->begin(), children->end(),
        [&](const Node& child) { return child.tag == fault.protocol; });
    children->erase(told, children->end());
    if (!fault.per_user) continue;
    user->AddChild(
        MakeNode(fault.protocol, {},
                 Node::Children{ErrorNode(fault.code, fault.backoff)}));
  }
}

// The <result>: one child for each protocol, with an error if it fails.
Node ResultNode(const Query& query, const std::vector<UsyncFault>& faults) {
  Node result = MakeNode("result", {}, Node::Children{});
  for (const Node& protocol : query.protocols->children()) {
    Node entry = MakeNode(protocol.tag);
    for (const UsyncFault& fault : faults) {
      if (fault.per_user || fault.protocol != protocol.tag) continue;
      entry.AddChild(ErrorNode(fault.code, fault.backoff));
    }
    result.AddChild(std::move(entry));
  }
  return result;
}

// Errors: those of Broken() for a protocol whose backoff was ignored.
absl::Status NoteBackoffs(const Asker& asker, const Query& query,
                          const std::vector<UsyncFault>& faults) {
  absl::Status kept;
  const absl::Time now = absl::Now();
  for (const Node& protocol : query.protocols->children()) {
    if (asker.companion.IsLeftAlone(protocol.tag, now)) continue;
    kept = Broken(Rule::kUsyncBackoff, protocol.tag);
  }
  for (const UsyncFault& fault : faults) {
    if (fault.per_user || !query.Asks(fault.protocol)) continue;
    asker.companion.LeaveAlone(fault.protocol, now, fault.backoff);
  }
  return kept;
}

// The <usync> of the request with <result> and <list> in it.
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
  const Faults faults = asker.network.faults.Get();
  const uint32_t limit = faults.usync_users_limit;
  if (limit != 0 && UsyncUsers(iq) > limit) return Answer(ErrorOf(iq, 400));

  Node list = MakeNode("list", {}, Node::Children{});
  for (const Node& user : query->users->children()) {
    absl::StatusOr<std::optional<Node>> answer =
        AnswerUser(asker, *query, user);
    if (!answer.ok()) return Punish(iq, answer.status());
    if (!answer->has_value()) continue;
    Fail(faults.usync_faults, &**answer);
    list.AddChild(**std::move(answer));
  }
  Reaction reaction = Answer(ResultOf(
      iq,
      Node::Children{AnswerFrame(
          *query, ResultNode(*query, faults.usync_faults), std::move(list))}));
  reaction.broken = NoteBackoffs(asker, *query, faults.usync_faults);
  return reaction;
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
