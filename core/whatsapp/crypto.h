// The protocol's cryptographic primitives, thin calls into OpenSSL and
// libsodium. All functions are thread-safe; keys are raw bytes in std::string.
#ifndef PORTRAIT_CORE_WHATSAPP_CRYPTO_H_
#define PORTRAIT_CORE_WHATSAPP_CRYPTO_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::whatsapp {

inline constexpr size_t kKeyBytes = 32;
inline constexpr size_t kSignatureBytes = 64;
inline constexpr size_t kGcmTagBytes = 16;
inline constexpr size_t kGcmNonceBytes = 12;

// An X25519 key pair, 32 bytes each.
struct KeyPair {
  std::string private_key;
  std::string public_key;
};

KeyPair MakeKeyPair();
// `private_key` is clamped as X25519 requires.
KeyPair KeyPairFromPrivate(absl::string_view private_key);

// Errors: INVALID_ARGUMENT for keys of a wrong length, and for a result of all
// zeros (a low-order public key).
absl::StatusOr<std::string> X25519(absl::string_view private_key,
                                   absl::string_view public_key);

std::string Sha1(absl::string_view data);
std::string Sha256(absl::string_view data);
std::string Md5(absl::string_view data);
std::string HmacSha256(absl::string_view key, absl::string_view data);
// An empty salt means 32 zero bytes.
std::string HkdfSha256(absl::string_view input_key, absl::string_view salt,
                       absl::string_view info, size_t bytes);
std::string Pbkdf2HmacSha256(absl::string_view password, absl::string_view salt,
                             uint32_t iterations, size_t bytes);

// Returns the ciphertext followed by the 16-byte tag.
std::string AesGcmEncrypt(absl::string_view key, absl::string_view nonce,
                          absl::string_view associated_data,
                          absl::string_view plaintext);
// Errors: INVALID_ARGUMENT if the tag is missing or does not match.
absl::StatusOr<std::string> AesGcmDecrypt(absl::string_view key,
                                          absl::string_view nonce,
                                          absl::string_view associated_data,
                                          absl::string_view ciphertext);
// Encrypts and decrypts: AES-256-CTR with a 16-byte big-endian counter block.
std::string AesCtr(absl::string_view key, absl::string_view counter,
                   absl::string_view data);

bool ConstantTimeEquals(absl::string_view a, absl::string_view b);

// XEdDSA over Curve25519 in libsignal's variant: the Edwards sign bit is the
// top bit of the 64-byte signature. `random` has 64 bytes; the first overload
// draws them.
std::string XeddsaSign(absl::string_view private_key,
                       absl::string_view message);
std::string XeddsaSignWithRandom(absl::string_view private_key,
                                 absl::string_view message,
                                 absl::string_view random);
bool XeddsaVerify(absl::string_view public_key, absl::string_view message,
                  absl::string_view signature);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_CRYPTO_H_
