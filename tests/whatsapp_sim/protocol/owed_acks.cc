#include "tests/whatsapp_sim/protocol/owed_acks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "tests/whatsapp_sim/protocol/rules.h"

namespace portrait::sim {
namespace {

using whatsapp::Jid;
using whatsapp::Node;

// If there are more stanzas, the oldest are dropped.
constexpr size_t kMaxStanzas = 100'000;

// Checks that an ack repeats a JID of its stanza, in the same form: a LID stays
// a LID.
absl::Status CheckJid(const Node& ack, absl::string_view ack_name,
                      const Node& stanza, absl::string_view stanza_name) {
  const std::optional<Jid> told = ack.JidAttribute(ack_name);
  const std::optional<Jid> wanted = stanza.JidAttribute(stanza_name);
  if (told == wanted) return absl::OkStatus();
  const bool other_kind = told.has_value() && wanted.has_value() &&
                          told->user == wanted->user &&
                          told->server != wanted->server;
  return Broken(other_kind ? Rule::kAckAddress : Rule::kAckForm,
                absl::StrCat(ack_name, " is not the stanza's ", stanza_name));
}

// Whether an ack may omit the participant: the web client does, others do not.
bool MayDropParticipant(const Node& stanza) {
  return stanza.tag == "receipt" &&
         stanza.JidAttribute("participant") == stanza.JidAttribute("from");
}

bool MayDropType(const Node& stanza) {
  return stanza.tag == "message" || (stanza.AttributeOr("type") == "encrypt" &&
                                     stanza.FindChild("identity") != nullptr);
}

absl::Status CheckType(const Node& ack, const Node& stanza) {
  const std::optional<std::string> told = ack.Attribute("type");
  if (told == stanza.Attribute("type")) return absl::OkStatus();
  if (told.has_value()) return Broken(Rule::kAckType, "the type is invented");
  if (MayDropType(stanza)) return absl::OkStatus();
  return Broken(Rule::kAckType, "the type is left out");
}

absl::Status CheckAck(const Node& ack, const Node& stanza, const Jid& own) {
  if (ack.AttributeOr("class") != stanza.tag) {
    return Broken(Rule::kAckForm, "class is not the stanza's tag");
  }
  RETURN_IF_ERROR(CheckJid(ack, "to", stanza, "from"));
  if (ack.Attribute("participant").has_value() || !MayDropParticipant(stanza)) {
    RETURN_IF_ERROR(CheckJid(ack, "participant", stanza, "participant"));
  }
  if (stanza.Attribute("recipient").has_value() &&
      !ack.Attribute("recipient").has_value()) {
    return Broken(Rule::kAckRecipient, "the recipient is left out");
  }
  RETURN_IF_ERROR(CheckJid(ack, "recipient", stanza, "recipient"));
  const std::optional<Jid> from = ack.JidAttribute("from");
  if (from.has_value() && from != own) {
    return Broken(Rule::kAckForm, "from is not the device's own JID");
  }
  return CheckType(ack, stanza);
}

}  // namespace

void OwedAcks::Add(Node stanza) {
  stanzas_.push_back(std::move(stanza));
  if (stanzas_.size() <= kMaxStanzas) return;
  delivered_.erase(stanzas_.front().AttributeOr("id"));
  stanzas_.pop_front();
}

std::vector<Node> OwedAcks::Restart() {
  delivered_.clear();
  return {stanzas_.begin(), stanzas_.end()};
}

void OwedAcks::NoteDelivered(const std::string& id, absl::Time now) {
  delivered_.emplace(id, now);
}

absl::Status OwedAcks::Settle(const Node& ack, const Jid& own) {
  const auto stanza = std::find_if(
      stanzas_.begin(), stanzas_.end(), [&](const Node& candidate) {
        return candidate.Attribute("id") == ack.Attribute("id");
      });
  if (stanza == stanzas_.end()) {
    return Broken(Rule::kAckUnasked,
                  absl::StrCat("no stanza waits with id ",
                               ack.AttributeOr("id", "(none)")));
  }
  RETURN_IF_ERROR(CheckAck(ack, *stanza, own));
  delivered_.erase(stanza->AttributeOr("id"));
  stanzas_.erase(stanza);
  return absl::OkStatus();
}

std::optional<Node> OwedAcks::DeliveredBefore(absl::Time time) const {
  for (const Node& stanza : stanzas_) {
    const auto delivered = delivered_.find(stanza.AttributeOr("id"));
    if (delivered != delivered_.end() && delivered->second < time) {
      return stanza;
    }
  }
  return std::nullopt;
}

}  // namespace portrait::sim
