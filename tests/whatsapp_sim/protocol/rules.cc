#include "tests/whatsapp_sim/protocol/rules.h"

#include <iterator>

#include "absl/strings/cord.h"

namespace portrait::sim {
namespace {

constexpr char kRulePayload[] = "portrait.sim/rule";

// In the order of the enum Rule.
constexpr RuleEntry kRules[] = {
    {Rule::kUpgrade, "upgrade",
     "the upgrade asks for a WebSocket at /ws/chat, from WhatsApp Web's Origin",
     Penalty::kForbidden},
    {Rule::kOpening, "opening",
     "a stream opens with WA 06 03, after a routing preamble or none",
     Penalty::kHangUp},
    {Rule::kHandshake, "handshake", "the Noise handshake is one that holds",
     Penalty::kHangUp},
    {Rule::kPayload, "payload",
     "a ClientPayload says either registration or login", Penalty::kFailure,
     400},
    {Rule::kUserAgent, "user-agent",
     "the user agent is a web client's, without a phone id", Penalty::kFailure,
     409},
    {Rule::kClientVersion, "client-version", "the client is not outdated",
     Penalty::kFailure, 405},
    {Rule::kRegistration, "registration",
     "a registration has keys of its own, signed, and names no account",
     Penalty::kFailure, 400},
    {Rule::kLogin, "login", "a login names account and device, and pulls",
     Penalty::kFailure, 400},
    {Rule::kStaticKey, "static-key",
     "a device logs in with the Noise key it was paired with",
     Penalty::kFailure, 401},
    {Rule::kFrame, "frame", "each frame is one whole node",
     Penalty::kStreamError},
    {Rule::kStanzaTag, "stanza-tag", "a stanza is of a kind that there is",
     Penalty::kNone},
    {Rule::kIqForm, "iq-form", "a request is of type get or set and has an id",
     Penalty::kNone},
    {Rule::kIqNamespace, "iq-namespace", "a request's xmlns is known",
     Penalty::kError, 501},
    {Rule::kIqBeforeLogin, "iq-before-login",
     "a client that is being paired asks for nothing else", Penalty::kError,
     401},
    {Rule::kUnknownElement, "unknown-element",
     "a request has no element that WhatsApp does not know", Penalty::kError,
     400},
    {Rule::kUnknownAttribute, "unknown-attribute",
     "a request has no attribute that WhatsApp does not know", Penalty::kNone},
    {Rule::kMissingAttribute, "missing-attribute",
     "a request has the attributes that it needs", Penalty::kError, 400},
    {Rule::kIbChild, "ib-child", "an <ib> is of a kind that clients send",
     Penalty::kNone},
    {Rule::kOfflineBatch, "offline-batch",
     "an <offline_batch> says how many stanzas", Penalty::kNone},
    {Rule::kUnifiedSession, "unified-session",
     "a session's id is the time of the week, by the server's clock",
     Penalty::kNone},
    {Rule::kDirty, "dirty",
     "a <clean> has the type and at most the time of a dirty bit that was sent",
     Penalty::kError, 400},
    {Rule::kAckUnasked, "ack-unasked",
     "an ack is of a stanza that waits for it", Penalty::kNone},
    {Rule::kAckForm, "ack-form",
     "an ack repeats the stanza's tag, from and participant", Penalty::kNone},
    {Rule::kAckAddress, "ack-address",
     "a JID in an ack is of the kind that it came as", Penalty::kOwedAck, 421},
    {Rule::kAckRecipient, "ack-recipient",
     "an ack repeats the stanza's recipient", Penalty::kOwedAck},
    {Rule::kAckType, "ack-type", "an ack's type is the stanza's",
     Penalty::kNone},
    {Rule::kAckMissing, "ack-missing", "a stanza is acknowledged in time",
     Penalty::kOwedAck},
    {Rule::kQrCodeFields, "qr-code-fields",
     "a QR code has five fields, the last for the client type",
     Penalty::kPhone},
    {Rule::kQrClientType, "qr-client-type",
     "a QR code's client type is one that there is", Penalty::kPhone},
    {Rule::kPairDevice, "pair-device",
     "<pair-device> is answered before <pair-success>", Penalty::kHangUp},
    {Rule::kPairDeviceSign, "pair-device-sign",
     "a companion signs its identity as the phone did", Penalty::kHangUp},
    {Rule::kMdRequest, "md-request",
     "a request of xmlns md links this device or removes it", Penalty::kError,
     400},
    {Rule::kPairingCode, "pairing-code",
     "the steps of pairing by code carry this pairing's keys and ref",
     Penalty::kError, 400},
    {Rule::kContactJid, "contact-jid",
     "a contact is written as a JID, without a device", Penalty::kError, 400},
    {Rule::kLidServer, "lid-server", "a LID is not addressed as a phone number",
     Penalty::kError, 421},
    {Rule::kAnnouncements, "announcements",
     "nothing is asked about WhatsApp's own account", Penalty::kSilence},
    {Rule::kPrekeys, "prekeys",
     "an upload has the paired identity and new, well-formed keys",
     Penalty::kError, 400},
    {Rule::kPrekeyReused, "prekey-reused",
     "a prekey's id is not that of another key", Penalty::kError, 409},
    {Rule::kPrekeysMissing, "prekeys-missing",
     "an active device has prekeys at the server", Penalty::kNone},
    {Rule::kSignedPrekey, "signed-prekey",
     "a signed prekey has a 3-byte id and the identity's signature",
     Penalty::kError, 406},
    {Rule::kUsync, "usync",
     "a usync query has its frame, distinct protocols and users",
     Penalty::kError, 400},
    {Rule::kPicture, "picture",
     "a picture query asks for the URL of an image or a preview",
     Penalty::kError, 400},
    {Rule::kUsyncBackoff, "usync-backoff",
     "a protocol that failed is left alone for as long as was told",
     Penalty::kNone},
    {Rule::kTokenPlace, "token-place", "a tctoken is a child of <picture>",
     Penalty::kSilence},
    {Rule::kTokenTarget, "token-target", "a tctoken is for people's pictures",
     Penalty::kError, 400},
    {Rule::kToken, "token", "a tctoken is the contact's own, and not expired",
     Penalty::kError, 400},
    {Rule::kOwnToken, "own-token", "the own picture is asked for without token",
     Penalty::kSilence},
    {Rule::kGroupPictures, "group-pictures",
     "a query for group pictures names 1 to 1000 groups", Penalty::kError, 400},
    {Rule::kCommunity, "community",
     "a community's picture is asked for with its own parent_group_jid",
     Penalty::kError, 400},
    {Rule::kChannel, "channel",
     "a channel is asked for by its JID, no variable left out", Penalty::kError,
     400},
    {Rule::kBusinessProfile, "business-profile",
     "a query for a business profile has its JID", Penalty::kError, 400},
};

constexpr bool IsInOrder() {
  for (size_t i = 0; i < std::size(kRules); ++i) {
    if (kRules[i].rule != static_cast<Rule>(i)) return false;
  }
  return true;
}
static_assert(IsInOrder());

}  // namespace

absl::Span<const RuleEntry> AllRules() { return kRules; }

const RuleEntry& EntryOf(Rule rule) {
  return kRules[static_cast<size_t>(rule)];
}

absl::Status Broken(Rule rule, absl::string_view how) {
  absl::Status status = absl::InvalidArgumentError(how);
  status.SetPayload(kRulePayload, absl::Cord(EntryOf(rule).name));
  return status;
}

std::optional<Rule> RuleOf(const absl::Status& status) {
  const absl::optional<absl::Cord> name = status.GetPayload(kRulePayload);
  if (!name.has_value()) return std::nullopt;
  for (const RuleEntry& entry : kRules) {
    if (*name == entry.name) return entry.rule;
  }
  return std::nullopt;
}

}  // namespace portrait::sim
