#include "tests/whatsapp_sim/protocol/rules.h"

#include <iterator>

#include "absl/strings/cord.h"

namespace portrait::sim {
namespace {

constexpr char kRulePayload[] = "portrait.sim/rule";

// In the order of the enum Rule.
constexpr RuleEntry kRules[] = {
    {Rule::kUpgrade, "upgrade",
     "the HTTP upgrade requests a WebSocket at /ws/chat with WhatsApp Web's "
     "Origin",
     Penalty::kForbidden},
    {Rule::kOpening, "opening",
     "a WhatsApp stream begins with WA 06 03, optionally after a routing "
     "preamble",
     Penalty::kHangUp},
    {Rule::kHandshake, "handshake", "the Noise handshake is valid",
     Penalty::kHangUp},
    {Rule::kPayload, "payload",
     "a ClientPayload is either a registration or a login", Penalty::kFailure,
     400},
    {Rule::kUserAgent, "user-agent",
     "the user agent is that of a web client, without a phone id",
     Penalty::kFailure, 409},
    {Rule::kClientVersion, "client-version",
     "the client version is not outdated", Penalty::kFailure, 405},
    {Rule::kRegistration, "registration",
     "a registration has its own signed keys, and names no account",
     Penalty::kFailure, 400},
    {Rule::kLogin, "login",
     "a login names the account and the device, and sets pull",
     Penalty::kFailure, 400},
    {Rule::kStaticKey, "static-key",
     "a device logs in with the Noise key it was paired with",
     Penalty::kFailure, 401},
    {Rule::kFrame, "frame", "each frame is one whole node",
     Penalty::kStreamError},
    {Rule::kStanzaTag, "stanza-tag", "a stanza has a known tag",
     Penalty::kNone},
    {Rule::kIqForm, "iq-form", "a request is of type get or set and has an id",
     Penalty::kNone},
    {Rule::kIqNamespace, "iq-namespace", "a request's xmlns is known",
     Penalty::kError, 501},
    {Rule::kIqBeforeLogin, "iq-before-login",
     "a client sends no other requests while it is being paired",
     Penalty::kError, 401},
    {Rule::kUnknownElement, "unknown-element",
     "a request has no element that WhatsApp does not know", Penalty::kError,
     400},
    {Rule::kUnknownAttribute, "unknown-attribute",
     "a request has no attribute that WhatsApp does not know", Penalty::kNone},
    {Rule::kMissingAttribute, "missing-attribute",
     "a request has the attributes that it needs", Penalty::kError, 400},
    {Rule::kIbChild, "ib-child", "an <ib> has a child that clients send",
     Penalty::kNone},
    {Rule::kOfflineBatch, "offline-batch",
     "an <offline_batch> has the number of stanzas", Penalty::kNone},
    {Rule::kUnifiedSession, "unified-session",
     "the id of a session is the time of the week on the server's clock",
     Penalty::kNone},
    {Rule::kDirty, "dirty",
     "a <clean> has the type, and optionally the timestamp, of a dirty bit "
     "that was sent",
     Penalty::kError, 400},
    {Rule::kAckUnasked, "ack-unasked",
     "an ack refers to a stanza that waits for one", Penalty::kNone},
    {Rule::kAckForm, "ack-form",
     "an ack repeats the stanza's tag, from and participant", Penalty::kNone},
    {Rule::kAckAddress, "ack-address",
     "a JID in an ack has the same form as in the stanza", Penalty::kOwedAck,
     421},
    {Rule::kAckRecipient, "ack-recipient",
     "an ack repeats the stanza's recipient", Penalty::kOwedAck},
    {Rule::kAckType, "ack-type", "an ack repeats the stanza's type",
     Penalty::kNone},
    {Rule::kAckMissing, "ack-missing", "a stanza is acknowledged in time",
     Penalty::kOwedAck},
    {Rule::kQrCodeFields, "qr-code-fields",
     "a QR code has five fields, and the last one is the client type",
     Penalty::kPhone},
    {Rule::kQrClientType, "qr-client-type", "a QR code has a known client type",
     Penalty::kPhone},
    {Rule::kPairDevice, "pair-device",
     "the client answers <pair-device> before <pair-success> is sent",
     Penalty::kHangUp},
    {Rule::kPairDeviceSign, "pair-device-sign",
     "a companion signs the device identity that the phone has signed",
     Penalty::kHangUp},
    {Rule::kMdRequest, "md-request",
     "a request of xmlns md links this device or removes it", Penalty::kError,
     400},
    {Rule::kPairingCode, "pairing-code",
     "each step of pairing by code carries the keys and the ref of this "
     "pairing",
     Penalty::kError, 400},
    {Rule::kContactJid, "contact-jid",
     "a contact is written as a JID, without a device", Penalty::kError, 400},
    {Rule::kLidServer, "lid-server", "a LID is not addressed as a phone number",
     Penalty::kError, 421},
    {Rule::kAnnouncements, "announcements",
     "no query is about WhatsApp's own account", Penalty::kSilence},
    {Rule::kPrekeys, "prekeys",
     "a prekey upload has the paired identity and new, well-formed keys",
     Penalty::kError, 400},
    {Rule::kPrekeyReused, "prekey-reused", "no two prekeys have the same id",
     Penalty::kError, 409},
    {Rule::kPrekeysMissing, "prekeys-missing",
     "an active device has uploaded prekeys that are still available",
     Penalty::kNone},
    {Rule::kSignedPrekey, "signed-prekey",
     "a signed prekey has a 3-byte id and the identity's signature",
     Penalty::kError, 406},
    {Rule::kUsync, "usync",
     "a usync query has its attributes, distinct protocols and users",
     Penalty::kError, 400},
    {Rule::kPicture, "picture",
     "a picture query requests the URL of an image or a preview",
     Penalty::kError, 400},
    {Rule::kUsyncBackoff, "usync-backoff",
     "a usync protocol that failed is not used again before its backoff has "
     "ended",
     Penalty::kNone},
    {Rule::kTokenPlace, "token-place", "a tctoken is a child of <picture>",
     Penalty::kSilence},
    {Rule::kTokenTarget, "token-target",
     "a tctoken is only sent for pictures of people", Penalty::kError, 400},
    {Rule::kToken, "token",
     "a tctoken was issued by the contact, and has not expired",
     Penalty::kError, 400},
    {Rule::kOwnToken, "own-token",
     "the query for the account's own picture has no token", Penalty::kSilence},
    {Rule::kGroupPictures, "group-pictures",
     "a query for group pictures names 1 to 1000 groups", Penalty::kError, 400},
    {Rule::kCommunity, "community",
     "the query for a community's picture has the community's own "
     "parent_group_jid",
     Penalty::kError, 400},
    {Rule::kChannel, "channel",
     "a channel query has the channel's JID and all variables", Penalty::kError,
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
