// The rules of WhatsApp for clients, as one table: each with its name in logs,
// the required behaviour, and the server's reaction to a violation.
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
  kDirty,
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

// The server's reaction, in addition to counting and logging.
enum class Penalty {
  kNone,         // no reaction
  kHangUp,       // closes the connection
  kForbidden,    // HTTP 403
  kFailure,      // <failure reason=CODE>, and the stream ends
  kStreamError,  // <stream:error>, and the stream ends
  kOwedAck,      // <stream:error><ack/>; the stream ends unless the ack follows
  kError,        // the answer to the request is <error code=CODE>
  kSilence,      // the request is never answered
  kPhone,        // the phone refuses
};

struct RuleEntry {
  Rule rule;
  absl::string_view name;
  absl::string_view asks;  // the behaviour that keeps the rule
  Penalty penalty;
  int code = 0;
};

absl::Span<const RuleEntry> AllRules();
const RuleEntry& EntryOf(Rule rule);

// An INVALID_ARGUMENT status that says how a client broke the rule; RuleOf()
// returns the rule.
absl::Status Broken(Rule rule, absl::string_view how);
// The rule of a status made by Broken(); nullopt for any other status.
std::optional<Rule> RuleOf(const absl::Status& status);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_RULES_H_
