// A companion device: the keys and names by which WhatsApp knows a linked
// client.
#ifndef PORTRAIT_CORE_WHATSAPP_DEVICE_H_
#define PORTRAIT_CORE_WHATSAPP_DEVICE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/ab_props.h"
#include "core/whatsapp/appearance.h"
#include "core/whatsapp/certificate.h"
#include "core/whatsapp/crypto.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/privacy_token.h"

namespace portrait::whatsapp {

struct SignedPrekey {
  uint32_t id = 0;  // 1 … 2^24 - 1
  KeyPair key;
  std::string signature;  // by the identity key over 05 ‖ public key
};

// The message that the identity key signs for a signed prekey: 05 ‖ public key.
std::string SignedPrekeyMessage(absl::string_view public_key);

// A value type; thread-compatible. Secret: never logged.
struct Device {
  KeyPair noise_key;     // static key of the Noise handshake
  KeyPair identity_key;  // Signal identity
  SignedPrekey signed_prekey;
  uint32_t registration_id = 0;
  std::string adv_secret;   // 32 bytes; proves that the phone read our QR code
  std::string prekey_seed;  // 32 bytes, see PrekeyOf()

  // Chosen at random once; constant while the device is linked.
  DeviceAppearance appearance;

  // Pairing sets these; `jid.user` is empty before.
  Jid jid;  // own PN with device number
  Jid lid;  // own LID with device number
  std::string push_name;
  std::string platform;       // the phone's, in WhatsApp's words: "android" …
  std::string business_name;  // empty: not a business account
  std::string
      account_identity;  // ADVSignedDeviceIdentity, serialized, with key
  absl::Time paired_at = absl::UnixEpoch();
  // The phone's chats are kept by LID, as its client-props said.
  bool lid_migrated = false;

  // These change while connected.
  ServerCertificate server;    // for resuming handshakes; empty: not known
  std::string routing_info;    // <edge_routing>, resent as preamble
  uint32_t login_counter = 0;  // `lc` of the login payload
  uint32_t next_prekey_id = 1;
  // Prekeys were sent and the server has not confirmed them.
  bool prekey_upload_pending = false;
  AbProps ab_props;
  // A unified_session was sent. Not stored: for Portrait, a start of the
  // process corresponds to a page load of WhatsApp Web.
  bool session_marked = false;
  PrivacyTokens privacy_tokens;  // given by contacts
  // See signed_prekeys.h. It was offered, so the server may have accepted it.
  std::optional<SignedPrekey> offered_signed_prekey;
  std::optional<absl::Time> signed_prekey_due;

  bool paired() const { return !jid.user.empty(); }
};

// A new, unpaired device with fresh keys and an appearance of its own.
Device MakeDevice();

// Serializes the device for the store. The result is secret.
std::string SerializeDevice(const Device& device);
// Errors: DATA_LOSS if the bytes are not a device.
absl::StatusOr<Device> ParseDevice(absl::string_view bytes);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_DEVICE_H_
