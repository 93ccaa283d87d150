// Fuzzes all other stanzas of a server, as a decrypted frame, through every
// parser of stanzas.
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/ab_props.h"
#include "core/whatsapp/acks.h"
#include "core/whatsapp/channel_query.h"
#include "core/whatsapp/contact_notice.h"
#include "core/whatsapp/node_codec.h"
#include "core/whatsapp/offline_backlog.h"
#include "core/whatsapp/pairing.h"
#include "core/whatsapp/pairing_phone.h"
#include "core/whatsapp/prekeys.h"
#include "core/whatsapp/privacy_token.h"
#include "core/whatsapp/qr_code_rotation.h"
#include "core/whatsapp/queries.h"
#include "core/whatsapp/stream_end.h"
#include "tests/fuzz/expect.h"

namespace portrait::fuzz {
namespace {

using whatsapp::Device;
using whatsapp::Node;

constexpr absl::Time kStart = absl::FromUnixSeconds(1763716800);

// The companion of the first vector in pairing_qr.json, which is one of the
// initial inputs.
const Device& Companion() {
  static const Device& device = *new Device([] {
    Device made;
    made.noise_key = whatsapp::KeyPairFromPrivate(std::string(32, 'n'));
    made.identity_key = whatsapp::KeyPairFromPrivate(absl::HexStringToBytes(
        "b044968f089e3137bebff8e94a5a4791468752ab0e54629859219f097d46c054"));
    made.signed_prekey.key = whatsapp::KeyPairFromPrivate(std::string(32, 's'));
    made.adv_secret = absl::HexStringToBytes(
        "0a198b6dbfa6fe1c5eb638f56d5226449920b2856fd4f6d7cdc130e30a94cd43");
    return made;
  }());
  return device;
}

void RunPairing(const Node& stanza) {
  const auto accepted =
      whatsapp::AcceptPairSuccess(stanza, Companion(), kStart);
  if (const auto* refusal = std::get_if<whatsapp::PairingRefusal>(&accepted)) {
    ExpectPresentable(refusal->status);
    whatsapp::EncodeNode(refusal->reply);
  } else {
    whatsapp::EncodeNode(std::get<whatsapp::PairingResult>(accepted).reply);
  }
  ExpectPresentable(
      VerifyPairDeviceSign(stanza, whatsapp::DeviceIdentity(), "identity"));

  whatsapp::QrCodeRotation rotation;
  rotation.Start(stanza, kStart);
  while (!rotation.exhausted() && rotation.started()) {
    const auto code = whatsapp::ParseQrCode(
        whatsapp::QrCodeText(rotation.ref(), Companion()));
    Expect(code.ok(), "a code that is shown can be scanned");
    rotation.MoveOn(rotation.expires_at());
  }
}

// Parses the notices about contacts, and contacts' privacy tokens.
void RunNotification(const Node& stanza) {
  for (const auto& notice : whatsapp::ParseContactNotices(stanza)) {
    Expect(!notice.jid.user.empty() || notice.contact_hash.has_value(),
           "a notice says who is meant");
    Expect(notice.jid.WithoutDevice() == notice.jid, "a contact is an account");
  }
  const absl::Time now = absl::FromUnixSeconds(1763716800);
  whatsapp::PrivacyTokens kept;
  for (const auto& token : whatsapp::ParsePrivacyTokens(stanza)) {
    if (!kept.Keep(token, now)) continue;
    Expect(kept.Find(token.pn, token.lid, now) == token.bytes,
           "the newest token is found");
  }
  Expect(kept.all().size() <= whatsapp::PrivacyTokens::kMost, "they are few");
}

// Parses the stanza as the answer to each query that is not a lookup.
void RunAnswers(const Node& iq) {
  ExpectPresentable(whatsapp::IqError(iq));
  ExpectPresentable(whatsapp::CheckKeyDigest(iq, Companion()));
  const auto channel = whatsapp::ParseChannelAnswer(iq);
  if (!channel.ok()) ExpectPresentable(channel.status());

  whatsapp::AbProps props;
  ExpectPresentable(whatsapp::ApplyAbProps(iq, kStart, props));
  Expect(props.token_bucket >= absl::Seconds(1) && props.token_buckets >= 1,
         "tokens count for some time");
  Expect(!props.fetched() || props.due >= kStart, "time goes forward");
  whatsapp::EncodeNode(
      whatsapp::MakeAbPropsQuery(props, /*whole=*/props.hash.empty()));
}

void Run(absl::string_view plaintext) {
  const auto stanza = whatsapp::DecodeNode(plaintext);
  if (!stanza.ok()) return;
  if (const auto end = whatsapp::ParseStreamEnd(*stanza)) {
    ExpectPresentable(end->reason);
  }
  for (const auto& answer :
       {whatsapp::MakeAck(*stanza, whatsapp::PhoneNumberJid("15551230001")),
        whatsapp::MakePong(*stanza)}) {
    if (answer.has_value()) whatsapp::EncodeNode(*answer);
  }
  whatsapp::OfflineBacklog backlog;
  backlog.OnPreview(*stanza);
  backlog.OnStanza(*stanza);
  RunNotification(*stanza);
  RunAnswers(*stanza);
  RunPairing(*stanza);
}

}  // namespace
}  // namespace portrait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  portrait::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
