#include "core/whatsapp/noise.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/secret.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/crypto.h"

namespace portrait::whatsapp {
namespace {

// A name of at most 32 bytes is padded with zeros, a longer one is hashed.
std::string InitialHash(NoisePattern pattern) {
  switch (pattern) {
    case NoisePattern::kXX:
      return std::string("Noise_XX_25519_AESGCM_SHA256\0\0\0\0", kKeyBytes);
    case NoisePattern::kIK:
      return std::string("Noise_IK_25519_AESGCM_SHA256\0\0\0\0", kKeyBytes);
    case NoisePattern::kXXfallback:
      return Sha256("Noise_XXfallback_25519_AESGCM_SHA256");
  }
  return {};
}

// The nonce is eight zero bytes followed by the counter.
std::string Nonce(uint32_t counter) {
  std::string nonce(kGcmNonceBytes, '\0');
  for (int i = 0; i < 4; ++i) {
    nonce[kGcmNonceBytes - 1 - i] = static_cast<char>(counter >> (8 * i));
  }
  return nonce;
}

}  // namespace

absl::Status MalformedHandshake(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("Noise handshake: ", what));
}

NoiseState::NoiseState(NoisePattern pattern, absl::string_view prologue)
    : hash_(InitialHash(pattern)), chaining_key_(hash_), key_(hash_) {
  MixHash(prologue);
}

void NoiseState::MixHash(absl::string_view data) {
  hash_ = Sha256(absl::StrCat(hash_, data));
}

void NoiseState::MixKey(absl::string_view input) {
  const Secret output =
      HkdfSha256(input, chaining_key_, /*info=*/"", 2 * kKeyBytes);
  // The new keys are copied over the previous keys, which have the same length,
  // so that no previous key remains in memory.
  std::copy_n(output.data(), kKeyBytes, chaining_key_.begin());
  std::copy_n(output.data() + kKeyBytes, kKeyBytes, key_.begin());
  counter_ = 0;
}

absl::Status NoiseState::MixSharedSecret(absl::string_view private_key,
                                         absl::string_view public_key) {
  ASSIGN_OR_RETURN(const Secret shared, X25519(private_key, public_key));
  MixKey(shared);
  return absl::OkStatus();
}

std::string NoiseState::EncryptAndHash(absl::string_view plaintext) {
  std::string ciphertext =
      AesGcmEncrypt(key_, Nonce(counter_++), hash_, plaintext);
  MixHash(ciphertext);
  return ciphertext;
}

absl::StatusOr<std::string> NoiseState::DecryptAndHash(
    absl::string_view ciphertext) {
  ASSIGN_OR_RETURN(std::string plaintext,
                   AesGcmDecrypt(key_, Nonce(counter_++), hash_, ciphertext));
  MixHash(ciphertext);
  return plaintext;
}

NoiseState::TransportKeys NoiseState::Split() const {
  const Secret output =
      HkdfSha256(/*input_key=*/"", chaining_key_, /*info=*/"", 2 * kKeyBytes);
  return {std::string(output.view().substr(0, kKeyBytes)),
          std::string(output.view().substr(kKeyBytes))};
}

absl::StatusOr<std::string> NoiseCipher::Encrypt(absl::string_view plaintext) {
  if (counter_ > std::numeric_limits<uint32_t>::max()) {
    return absl::ResourceExhaustedError(
        "Noise: 2^32 frames sent under one key");
  }
  return AesGcmEncrypt(key_, Nonce(static_cast<uint32_t>(counter_++)),
                       /*associated_data=*/"", plaintext);
}

absl::StatusOr<std::string> NoiseCipher::Decrypt(absl::string_view ciphertext) {
  if (counter_ > std::numeric_limits<uint32_t>::max()) {
    return absl::ResourceExhaustedError(
        "Noise: 2^32 frames received under one key");
  }
  return AesGcmDecrypt(key_, Nonce(static_cast<uint32_t>(counter_++)),
                       /*associated_data=*/"", ciphertext);
}

}  // namespace portrait::whatsapp
