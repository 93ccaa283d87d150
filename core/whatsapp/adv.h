// ADV, by which a phone vouches for its companions: what is signed and hashed,
// for both sides of pairing. `details` are the bytes of an ADVDeviceIdentity as
// they went over the wire.
#ifndef PORTRAIT_CORE_WHATSAPP_ADV_H_
#define PORTRAIT_CORE_WHATSAPP_ADV_H_

#include <string>

#include "absl/strings/string_view.h"

namespace portrait::whatsapp {

// What the account signs; `hosted`: the device type is HOSTED.
std::string AccountSignatureMessage(bool hosted, absl::string_view details,
                                    absl::string_view companion_identity);

// What the companion signs in return.
std::string DeviceSignatureMessage(absl::string_view details,
                                   absl::string_view companion_identity,
                                   absl::string_view account_key);

// Over a serialized ADVSignedDeviceIdentity; `hosted`: the container says so.
std::string SignedIdentityHmac(absl::string_view adv_secret, bool hosted,
                               absl::string_view signed_identity);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_ADV_H_
