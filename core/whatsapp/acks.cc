#include "core/whatsapp/acks.h"

#include <string>

#include "absl/strings/string_view.h"

namespace portrait::whatsapp {
namespace {

constexpr absl::string_view kAcked[] = {"message", "receipt", "notification",
                                        "call",    "status",  "appdata"};
// Known stanzas that are never acked.
constexpr absl::string_view kUnacked[] = {
    "iq",           "ack", "success",  "failure",   "stream:error",
    "xmlstreamend", "ib",  "presence", "chatstate", "error"};
constexpr char kUnrecognisedStanza[] = "488";

template <size_t N>
bool IsOneOf(absl::string_view tag, const absl::string_view (&tags)[N]) {
  for (absl::string_view one : tags) {
    if (tag == one) return true;
  }
  return false;
}

// Returns the attribute with its type, because the server distinguishes JIDs
// from strings.
const AttributeValue* FindValue(const Node& stanza, absl::string_view name) {
  for (const auto& [key, value] : stanza.attributes) {
    if (key == name) return &value;
  }
  return nullptr;
}

void Copy(const Node& stanza, absl::string_view name, Node& ack) {
  if (const AttributeValue* value = FindValue(stanza, name)) {
    ack.SetAttribute(name, *value);
  }
}

bool NeedsType(const Node& stanza) {
  // WhatsApp Web omits the type in the ack for a changed identity key.
  return !(stanza.tag == "notification" &&
           stanza.AttributeOr("type") == "encrypt" &&
           stanza.FindChild("identity") != nullptr);
}

bool NeedsParticipant(const Node& stanza) {
  return stanza.tag != "receipt" ||
         stanza.AttributeOr("participant") != stanza.AttributeOr("from");
}

}  // namespace

std::optional<Node> MakeAck(const Node& stanza, const Jid& own_jid) {
  if (IsOneOf(stanza.tag, kUnacked)) return std::nullopt;
  const AttributeValue* const id = FindValue(stanza, "id");
  const AttributeValue* const from = FindValue(stanza, "from");
  if (id == nullptr || from == nullptr) return std::nullopt;

  Node ack;
  ack.tag = "ack";
  ack.SetAttribute("class", stanza.tag);
  ack.SetAttribute("id", *id);
  ack.SetAttribute("to", *from);
  const bool known = IsOneOf(stanza.tag, kAcked);
  if (known) {
    if (NeedsParticipant(stanza)) Copy(stanza, "participant", ack);
    Copy(stanza, "recipient", ack);
    if (NeedsType(stanza)) Copy(stanza, "type", ack);
  } else {
    ack.SetAttribute("error", std::string(kUnrecognisedStanza));
  }
  const bool says_who =
      !known || stanza.tag == "message" || stanza.tag == "status";
  if (says_who && !own_jid.user.empty()) ack.SetAttribute("from", own_jid);
  return ack;
}

std::optional<Node> MakePong(const Node& iq) {
  const std::string type = iq.AttributeOr("type", "get");
  if (iq.tag != "iq" || type != "get") return std::nullopt;
  if (iq.AttributeOr("xmlns") != "urn:xmpp:ping" &&
      iq.FindChild("ping") == nullptr) {
    return std::nullopt;
  }
  Node pong =
      MakeNode("iq", {{"to", ServerJid()}, {"type", std::string("result")}});
  Copy(iq, "id", pong);
  return pong;
}

}  // namespace portrait::whatsapp
