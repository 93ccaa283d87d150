#include "core/whatsapp/usync.h"

#include <cstddef>
#include <initializer_list>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/whatsapp/name_text.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::whatsapp {
namespace {

// The query that WhatsApp Web sends when contacts are imported: these protocols
// in this order, numbers as digits only, and no hints. A query by LID is the
// same, but has no <contact>.
Node MakeProtocols(const UsyncQuery& query) {
  Node protocols = MakeNode("query");
  if (query.business) {
    protocols.AddChild(
        MakeNode("business", {}, Node::Children{MakeNode("verified_name")}));
  }
  protocols.AddChild(MakeNode("picture"));
  if (!query.contacts.front().jid.IsLid()) {
    protocols.AddChild(MakeNode("contact"));
  }
  if (query.lid) protocols.AddChild(MakeNode("lid"));
  return protocols;
}

Node MakeUser(const UsyncContact& contact) {
  if (contact.jid.IsLid()) {
    return MakeNode("user", {{"jid", contact.jid.WithoutDevice()}});
  }
  return MakeNode(
      "user", {},
      Node::Children{MakeNode("contact", {}, Node::Bytes{contact.jid.user})});
}

bool IsPhoneNumberServer(absl::string_view server) {
  return server == kUserServer || server == kLegacyUserServer ||
         server == kHostedServer;
}

bool IsLidServer(absl::string_view server) {
  return server == kLidServer || server == kHostedLidServer;
}

// The account's JID, hosted or not; empty for any other JID.
Jid AccountOf(const std::optional<Jid>& jid) {
  if (!jid.has_value() || jid->user.empty()) return Jid();
  if (IsPhoneNumberServer(jid->server)) return PhoneNumberJid(jid->user);
  if (IsLidServer(jid->server)) return Jid{jid->user, kLidServer};
  return Jid();
}

// The number that a <contact> repeats: "+13105551234", also with "@c.us".
Jid EchoedContact(const Node& user) {
  const Node* const contact = user.FindChild("contact");
  if (contact == nullptr) return Jid();
  const std::string data = contact->Data();
  absl::string_view digits = absl::StripAsciiWhitespace(data);
  digits = digits.substr(0, digits.find('@'));
  absl::ConsumePrefix(&digits, "+");
  if (digits.empty()) return Jid();
  for (char c : digits) {
    if (!absl::ascii_isdigit(c)) return Jid();
  }
  return PhoneNumberJid(digits);
}

std::optional<ProtocolError> ErrorIn(const Node* protocol) {
  if (protocol == nullptr) return std::nullopt;
  const Node* const error = protocol->FindChild("error");
  if (error == nullptr) return std::nullopt;
  return ParseProtocolError(*error);
}

UsyncFact<bool> ReadRegistered(const Node& user, const Jid& asked) {
  UsyncFact<bool> fact;
  const Node* const contact = user.FindChild("contact");
  fact.error = ErrorIn(contact);
  if (fact.error.has_value()) return fact;
  const std::string type =
      contact == nullptr ? "" : contact->AttributeOr("type");
  if (type == "in") {
    fact.value = true;
  } else if (type == "out" || type == "invalid") {
    fact.value = false;
  } else if (contact == nullptr && asked.IsLid() &&
             !AccountOf(user.JidAttribute("jid")).user.empty()) {
    // A query by LID has no <contact>: a LID in the answer is registered.
    fact.value = true;
  }
  return fact;
}

UsyncFact<BusinessName> ReadBusiness(const Node& user) {
  UsyncFact<BusinessName> fact;
  const Node* const business = user.FindChild("business");
  fact.error = ErrorIn(business);
  if (fact.error.has_value() || business == nullptr) return fact;
  // An empty <business/> means that the contact is not a business.
  const Node* const name = business->FindChild("verified_name");
  if (name != nullptr) fact.value = ReadVerifiedName(*name);
  return fact;
}

UsyncFact<std::string> ReadPictureId(const Node& user) {
  UsyncFact<std::string> fact;
  const Node* const picture = user.FindChild("picture");
  fact.error = ErrorIn(picture);
  if (fact.error.has_value() || picture == nullptr) return fact;
  const std::string id = picture->AttributeOr("id");
  if (!id.empty()) fact.value = id;
  return fact;
}

// If a contact is listed several times, the first value or error of a fact is
// kept.
template <typename T>
void Merge(UsyncFact<T> told, UsyncFact<T>* fact) {
  if (!fact->value && !fact->error) *fact = std::move(told);
}

// Reads one <user> of the answer into the result for one queried contact.
void ReadUser(const Node& node, UsyncUser* user) {
  const Jid jid = AccountOf(node.JidAttribute("jid"));
  const Jid pn_jid = AccountOf(node.JidAttribute("pn_jid"));
  const Node* const lid_node = node.FindChild("lid");
  const Jid lid =
      lid_node == nullptr ? Jid() : AccountOf(lid_node->JidAttribute("val"));
  for (const Jid& told : {pn_jid, jid}) {
    if (user->pn.user.empty() && told.IsPhoneNumber()) user->pn = told;
  }
  for (const Jid& told : {jid, lid}) {
    if (user->lid.user.empty() && told.IsLid()) user->lid = told;
  }
  Merge(ReadRegistered(node, user->asked), &user->registered);
  Merge(ReadBusiness(node), &user->business);
  Merge(ReadPictureId(node), &user->picture_id);
}

template <typename T>
void FailUntold(const std::optional<ProtocolError>& error, UsyncFact<T>* fact) {
  if (error.has_value() && !fact->value && !fact->error) fact->error = error;
}

// <result> has a child for each protocol, with an <error> if the protocol
// failed.
void ReadResult(const Node& usync, UsyncAnswer* answer) {
  const Node* const result = usync.FindChild("result");
  if (result == nullptr) return;
  answer->contact_error = ErrorIn(result->FindChild("contact"));
  answer->lid_error = ErrorIn(result->FindChild("lid"));
  answer->business_error = ErrorIn(result->FindChild("business"));
  answer->picture_error = ErrorIn(result->FindChild("picture"));
}

// The error of the first protocol that failed as a whole; nullopt if none did.
std::optional<ProtocolError> AnyError(const UsyncAnswer& answer) {
  for (const auto& error : {answer.contact_error, answer.lid_error,
                            answer.business_error, answer.picture_error}) {
    if (error.has_value()) return error;
  }
  return std::nullopt;
}

// Finds the queried contact that a <user> belongs to. A contact may have been
// queried more than once.
class AskedIndex {
 public:
  explicit AskedIndex(absl::Span<const Jid> asked) {
    for (size_t i = 0; i < asked.size(); ++i) {
      places_[asked[i].WithoutDevice()].push_back(i);
    }
  }

  // Returns null for a user that was not in the query. The number that the
  // server repeats takes precedence over addresses: the server may list it
  // under another number, or under its LID.
  const std::vector<size_t>* Find(const Node& user) const {
    const Node* const lid = user.FindChild("lid");
    for (const Jid& key :
         {EchoedContact(user), AccountOf(user.JidAttribute("pn_jid")),
          AccountOf(user.JidAttribute("jid")),
          lid == nullptr ? Jid() : AccountOf(lid->JidAttribute("val"))}) {
      if (key.user.empty()) continue;
      const auto found = places_.find(key);
      if (found != places_.end()) return &found->second;
    }
    return nullptr;
  }

 private:
  absl::flat_hash_map<Jid, std::vector<size_t>> places_;
};

}  // namespace

std::optional<BusinessName> ReadVerifiedName(const Node& verified_name) {
  // The verified name failed or is empty.
  if (verified_name.FindChild("error") != nullptr ||
      (verified_name.attributes.empty() && verified_name.Data().empty())) {
    return std::nullopt;
  }
  proto::VerifiedNameCertificate certificate;
  proto::VerifiedNameCertificate::Details details;
  if (!certificate.ParseFromString(verified_name.Data()) ||
      !details.ParseFromString(certificate.details())) {
    return BusinessName();
  }
  return BusinessName{NameText(details.verified_name())};
}

Node MakeUsyncQuery(const UsyncQuery& query, absl::string_view sid) {
  Node list = MakeNode("list");
  for (const UsyncContact& contact : query.contacts) {
    list.AddChild(MakeUser(contact));
  }
  return MakeNode("iq",
                  {{"xmlns", "usync"}, {"type", "get"}, {"to", ServerJid()}},
                  Node::Children{MakeNode(
                      "usync",
                      {{"sid", std::string(sid)},
                       {"index", "0"},
                       {"last", "true"},
                       {"mode", "query"},
                       {"context", "interactive"}},
                      Node::Children{MakeProtocols(query), std::move(list)})});
}

absl::StatusOr<UsyncAnswer> ParseUsyncAnswer(const Node& iq,
                                             absl::Span<const Jid> asked) {
  if (absl::Status status = IqError(iq); !status.ok()) return status;
  const Node* const usync = iq.FindChild("usync");
  const Node* const list =
      usync == nullptr ? nullptr : usync->FindChild("list");
  UsyncAnswer answer;
  if (usync != nullptr) ReadResult(*usync, &answer);
  const std::optional<ProtocolError> error = AnyError(answer);
  if (list == nullptr && !error.has_value()) {
    return absl::InvalidArgumentError("usync: the answer has no list of users");
  }
  answer.users.resize(asked.size());
  for (size_t i = 0; i < asked.size(); ++i) answer.users[i].asked = asked[i];
  if (list != nullptr) {
    const AskedIndex index(asked);
    for (const Node& node : list->children()) {
      if (node.tag != "user") continue;
      const std::vector<size_t>* const places = index.Find(node);
      if (places == nullptr) continue;
      for (size_t place : *places) ReadUser(node, &answer.users[place]);
    }
  }
  for (UsyncUser& user : answer.users) {
    // A listed LID is registered. If the answer has an error, an unlisted LID
    // may have been left out because of it.
    FailUntold(user.asked.IsLid() ? error : answer.contact_error,
               &user.registered);
    FailUntold(answer.business_error, &user.business);
    FailUntold(answer.picture_error, &user.picture_id);
  }
  return answer;
}

}  // namespace portrait::whatsapp
