// Linking a new companion device by QR code: what the code says, and the proof
// that the phone which scanned it owns the account. Pure functions.
#ifndef PORTRAIT_CORE_WHATSAPP_PAIRING_H_
#define PORTRAIT_CORE_WHATSAPP_PAIRING_H_

#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/client_payload.h"
#include "core/whatsapp/device.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// The first QR code stands for a minute, each further one for 20 s.
inline constexpr absl::Duration kFirstQrCodeLife = absl::Seconds(60);
inline constexpr absl::Duration kNextQrCodeLife = absl::Seconds(20);

// What kind of client a QR code or link code says it is: '1' is Chrome.
char PairingClientType(const DeviceAppearance& appearance);

// "https://wa.me/settings/linked_devices#ref,noise,identity,adv,type": `ref` as
// the server gave it, the keys in base64.
std::string QrCodeText(absl::string_view ref, const Device& device,
                       const DeviceAppearance& appearance = {});

struct PairingResult {
  Device device;  // now paired
  Node reply;     // <iq type="result"><pair-device-sign>
};

// Why a <pair-success> was refused, and the <iq type="error"> to say so.
struct PairingRefusal {
  absl::Status status;
  Node reply;
};

// Checks the <pair-success> stanza (an <iq type="set"> with id) against the
// device's keys and answers it: the HMAC under the ADV secret and the account's
// signature over our identity key must hold. Signatures run over the bytes
// received.
std::variant<PairingResult, PairingRefusal> AcceptPairSuccess(
    const Node& pair_success, const Device& device, absl::Time now);

// Turns down a <pair-success> whose proof holds, for a reason of our own.
PairingRefusal DeclinePairSuccess(const Node& pair_success,
                                  absl::Status because);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PAIRING_H_
