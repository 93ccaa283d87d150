// The rules that WhatsApp holds its clients to, as one table: each with its
// name in logs, what it asks for, and what the server does about a client that
// breaks it.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_RULES_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_RULES_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace portrait::sim {

enum class Rule {
  // ---- before the first stanza
  kUpgrade,
  kOpening,
  kHandshake,
  kPayload,
  kUserAgent,
  kClientVersion,
  kRegistration,
  kLogin,
  kStaticKey,
  // ---- stanzas
  kFrame,
  kStanzaTag,
  kIqForm,
  kIqNamespace,
  kIqBeforeLogin,
  kUnknownElement,
  kUnknownAttribute,
  kMissingAttribute,
  kIbChild,
  kOfflineBatch,
  kUnifiedSession,
  // ---- acks
  kAckUnasked,
  kAckForm,
  kAckAddress,
  kAckRecipient,
  kAckType,
  kAckMissing,
  // ---- pairing
  kQrCodeFields,
  kQrClientType,
  kPairDevice,
  kPairDeviceSign,
  kMdRequest,
  kPairingCode,
  // ---- requests
  kContactJid,
  kLidServer,
  kAnnouncements,
  kPrekeys,
  kPrekeyReused,
  kPrekeysMissing,
  kSignedPrekey,
  kUsync,
  kPicture,
  kUsyncBackoff,
  kTokenPlace,
  kTokenTarget,
  kToken,
  kOwnToken,
  kGroupPictures,
  kCommunity,
  kChannel,
  kBusinessProfile,
};

// What the server does, beside counting and logging it.
enum class Penalty {
  kNone,         // goes on
  kHangUp,       // closes the connection
  kForbidden,    // HTTP 403
  kFailure,      // <failure reason=CODE>, and the end
  kStreamError,  // <stream:error>, and the end
  kOwedAck,      // <stream:error><ack/>, and the end if it does not come
  kError,        // answers the request with <error code=CODE>
  kSilence,      // never answers the request
  kPhone,        // the phone says no
};

struct RuleEntry {
  Rule rule;
  absl::string_view name;
  absl::string_view asks;  // what a client does that keeps it
  Penalty penalty;
  int code = 0;
};

absl::Span<const RuleEntry> AllRules();
const RuleEntry& EntryOf(Rule rule);

// How a client broke the rule: INVALID_ARGUMENT; RuleOf() tells which.
absl::Status Broken(Rule rule, absl::string_view how);
// The rule of a status made by Broken(); nothing for any other.
std::optional<Rule> RuleOf(const absl::Status& status);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_RULES_H_
