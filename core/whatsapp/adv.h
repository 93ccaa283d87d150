// ADV is the protocol by which a phone certifies its companions. These
// functions make the data that is signed and hashed, for both sides of pairing.
// `details` are the bytes of an ADVDeviceIdentity as sent on the wire.
#ifndef PORTRAIT_CORE_WHATSAPP_ADV_H_
#define PORTRAIT_CORE_WHATSAPP_ADV_H_

#include <string>

#include "absl/strings/string_view.h"

namespace portrait::whatsapp {

// The message that the account signs; `hosted`: the device type is HOSTED.
std::string AccountSignatureMessage(bool hosted, absl::string_view details,
                                    absl::string_view companion_identity);

// The message that the companion signs in return.
std::string DeviceSignatureMessage(absl::string_view details,
                                   absl::string_view companion_identity,
                                   absl::string_view account_key);

// The HMAC of a serialized ADVSignedDeviceIdentity; `hosted`: the container's
// account type is HOSTED.
std::string SignedIdentityHmac(absl::string_view adv_secret, bool hosted,
                               absl::string_view signed_identity);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_ADV_H_
