// Links a new companion device by QR code: the text of the code, and the proof
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

// The first QR code is valid for one minute, each further one for 20 s.
inline constexpr absl::Duration kFirstQrCodeLife = absl::Seconds(60);
inline constexpr absl::Duration kNextQrCodeLife = absl::Seconds(20);

// The client type in a QR code or a pairing code: '1' is Chrome.
char PairingClientType(const DeviceAppearance& appearance);

// "https://wa.me/settings/linked_devices#ref,noise,identity,adv,type": `ref` is
// the server's, the keys are in base64.
std::string QrCodeText(absl::string_view ref, const Device& device,
                       const DeviceAppearance& appearance = {});

struct PairingResult {
  Device device;  // now paired
  Node reply;     // <iq type="result"><pair-device-sign>
};

// The reason why a <pair-success> was refused, and the <iq type="error"> to
// send.
struct PairingRefusal {
  absl::Status status;
  Node reply;
};

// Verifies the <pair-success> stanza (an <iq type="set"> with an id) with the
// device's keys and makes the answer. The HMAC under the ADV secret and the
// account's signature of our identity key must be valid. Signatures cover the
// received bytes.
std::variant<PairingResult, PairingRefusal> AcceptPairSuccess(
    const Node& pair_success, const Device& device, absl::Time now);

// Refuses a <pair-success> with a valid proof, for a reason of our own.
PairingRefusal DeclinePairSuccess(const Node& pair_success,
                                  absl::Status because);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PAIRING_H_
