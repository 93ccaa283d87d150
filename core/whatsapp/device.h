// A companion device: the keys and names by which WhatsApp knows one of our
// linked clients.
#ifndef PORTRAIT_CORE_WHATSAPP_DEVICE_H_
#define PORTRAIT_CORE_WHATSAPP_DEVICE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
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

// What the identity key signs of a signed prekey: 05 ‖ public key.
std::string SignedPrekeyMessage(absl::string_view public_key);

// A value type; thread-compatible. Secret: never logged.
struct Device {
  KeyPair noise_key;     // static key of the Noise handshake
  KeyPair identity_key;  // Signal identity
  SignedPrekey signed_prekey;
  uint32_t registration_id = 0;
  std::string adv_secret;   // 32 bytes, proves the phone read our QR code
  std::string prekey_seed;  // 32 bytes, see PrekeyOf()

  // Set by pairing; `jid.user` is empty before.
  Jid jid;  // own PN with device number
  Jid lid;  // own LID with device number
  std::string push_name;
  std::string platform;       // of the phone, as WhatsApp says: "android" …
  std::string business_name;  // empty: no business account
  std::string
      account_identity;  // ADVSignedDeviceIdentity, serialized, with key
  absl::Time paired_at = absl::UnixEpoch();

  // Moved on while connected.
  ServerCertificate server;    // to resume with; empty: not known
  std::string routing_info;    // <edge_routing>, resent as preamble
  uint32_t login_counter = 0;  // `lc` of the login payload
  uint32_t next_prekey_id = 1;
  PrivacyTokens privacy_tokens;  // that contacts gave us
  // See signed_prekeys.h. Offered: the server may have taken it.
  std::optional<SignedPrekey> offered_signed_prekey;
  std::optional<absl::Time> signed_prekey_due;
  // WhatsApp refuses logins until then, it said, and why.
  absl::Time banned_until = absl::UnixEpoch();
  std::string ban_reason;

  // Ours: the proxy that it connects through, see ParseProxy(); empty: that of
  // ConnectionOptions.
  std::string proxy;
  // Ours: an operator wants it to have no work.
  bool paused = false;

  bool paired() const { return !jid.user.empty(); }
};

// A new, unpaired device with fresh keys.
Device MakeDevice();

// For the store. The result is secret.
std::string SerializeDevice(const Device& device);
// Errors: DATA_LOSS when the bytes are no device.
absl::StatusOr<Device> ParseDevice(absl::string_view bytes);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_DEVICE_H_
