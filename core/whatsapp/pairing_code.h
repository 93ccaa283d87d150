// The cryptography of linking a companion by a code that the user types into
// the phone, for both sides. Pure functions.
//
//   wrapped key = salt (32) ‖ iv (16) ‖ AES-256-CTR(code key, iv, public key)
//   key bundle  = salt (32) ‖ nonce (12) ‖ AES-256-GCM(bundle key, nonce,
//                   companion identity ‖ primary identity ‖ ADV random)
#ifndef PORTRAIT_CORE_WHATSAPP_PAIRING_CODE_H_
#define PORTRAIT_CORE_WHATSAPP_PAIRING_CODE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::whatsapp {

inline constexpr size_t kLinkCodeBytes = 5;
inline constexpr size_t kLinkCodeSaltBytes = 32;
inline constexpr size_t kLinkCodeIvBytes = 16;
inline constexpr size_t kWrappedKeyBytes = 80;
inline constexpr size_t kKeyBundleBytes = 156;

// The eight characters for 5 random bytes; ShownLinkCode formats them as
// "XXXX-XXXX".
std::string LinkCode(absl::string_view random);
std::string ShownLinkCode(absl::string_view code);

// Takes about 50 ms: 131072 rounds of PBKDF2.
std::string LinkCodeKey(absl::string_view code, absl::string_view salt);

// Both take as long as LinkCodeKey(). A wrong code results in a wrong key,
// which is detected when the key bundle is opened.
//
// Errors of UnwrapKey: INVALID_ARGUMENT unless the length is 80 bytes.
std::string WrapKey(absl::string_view code, absl::string_view salt,
                    absl::string_view iv, absl::string_view public_key);
absl::StatusOr<std::string> UnwrapKey(absl::string_view code,
                                      absl::string_view wrapped);

struct KeyBundle {
  std::string companion_identity;  // public, 32 bytes
  std::string primary_identity;    // public, 32 bytes
  std::string adv_random;          // 32 bytes
};

// `ephemeral_secret` is X25519 of the two ephemeral keys.
std::string SealKeyBundle(absl::string_view ephemeral_secret,
                          absl::string_view salt, absl::string_view nonce,
                          const KeyBundle& bundle);
// Errors: INVALID_ARGUMENT if it cannot be opened, because the code was wrong.
absl::StatusOr<KeyBundle> OpenKeyBundle(absl::string_view ephemeral_secret,
                                        absl::string_view sealed);

// Replaces the QR code's ADV secret; `identity_secret` is X25519 of the two
// identity keys.
std::string LinkCodeAdvSecret(absl::string_view ephemeral_secret,
                              absl::string_view identity_secret,
                              absl::string_view adv_random);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PAIRING_CODE_H_
