#include "core/whatsapp/pairing_code.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/secret.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/crypto.h"

namespace portrait::whatsapp {
namespace {

// The alphabet leaves out characters that are easily confused.
constexpr absl::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTVWXYZ";
constexpr uint32_t kIterations = 2 << 16;
constexpr absl::string_view kBundleInfo =
    "link_code_pairing_key_bundle_encryption_key";
constexpr absl::string_view kAdvInfo = "adv_secret";

std::string BundleKey(absl::string_view ephemeral_secret,
                      absl::string_view salt) {
  return HkdfSha256(ephemeral_secret, salt, kBundleInfo, kKeyBytes);
}

}  // namespace

std::string LinkCode(absl::string_view random) {
  std::string code;
  uint32_t bits = 0;
  int available = 0;
  for (char byte : random) {
    bits = bits << 8 | static_cast<uint8_t>(byte);
    for (available += 8; available >= 5; available -= 5) {
      code.push_back(kAlphabet[bits >> (available - 5) & 31]);
    }
  }
  return code;
}

std::string ShownLinkCode(absl::string_view code) {
  return absl::StrCat(code.substr(0, 4), "-", code.substr(4));
}

std::string LinkCodeKey(absl::string_view code, absl::string_view salt) {
  return Pbkdf2HmacSha256(code, salt, kIterations, kKeyBytes);
}

std::string WrapKey(absl::string_view code, absl::string_view salt,
                    absl::string_view iv, absl::string_view public_key) {
  return absl::StrCat(salt, iv,
                      AesCtr(LinkCodeKey(code, salt), iv, public_key));
}

absl::StatusOr<std::string> UnwrapKey(absl::string_view code,
                                      absl::string_view wrapped) {
  if (wrapped.size() != kWrappedKeyBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("link code: a wrapped key of ", wrapped.size(),
                     " bytes, expected ", kWrappedKeyBytes));
  }
  const absl::string_view salt = wrapped.substr(0, kLinkCodeSaltBytes);
  const absl::string_view iv =
      wrapped.substr(kLinkCodeSaltBytes, kLinkCodeIvBytes);
  return AesCtr(LinkCodeKey(code, salt), iv,
                wrapped.substr(kLinkCodeSaltBytes + kLinkCodeIvBytes));
}

std::string SealKeyBundle(absl::string_view ephemeral_secret,
                          absl::string_view salt, absl::string_view nonce,
                          const KeyBundle& bundle) {
  return absl::StrCat(
      salt, nonce,
      AesGcmEncrypt(BundleKey(ephemeral_secret, salt), nonce,
                    /*associated_data=*/"",
                    absl::StrCat(bundle.companion_identity,
                                 bundle.primary_identity, bundle.adv_random)));
}

absl::StatusOr<KeyBundle> OpenKeyBundle(absl::string_view ephemeral_secret,
                                        absl::string_view sealed) {
  if (sealed.size() != kKeyBundleBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("link code: a key bundle of ", sealed.size(),
                     " bytes, expected ", kKeyBundleBytes));
  }
  const absl::string_view salt = sealed.substr(0, kLinkCodeSaltBytes);
  const absl::string_view nonce =
      sealed.substr(kLinkCodeSaltBytes, kGcmNonceBytes);
  ASSIGN_OR_RETURN(
      const std::string keys,
      AesGcmDecrypt(BundleKey(ephemeral_secret, salt), nonce,
                    /*associated_data=*/"",
                    sealed.substr(kLinkCodeSaltBytes + kGcmNonceBytes)));
  return KeyBundle{keys.substr(0, kKeyBytes), keys.substr(kKeyBytes, kKeyBytes),
                   keys.substr(2 * kKeyBytes)};
}

std::string LinkCodeAdvSecret(absl::string_view ephemeral_secret,
                              absl::string_view identity_secret,
                              absl::string_view adv_random) {
  const Secret secrets =
      absl::StrCat(ephemeral_secret, identity_secret, adv_random);
  return HkdfSha256(secrets, /*salt=*/"", kAdvInfo, kKeyBytes);
}

}  // namespace portrait::whatsapp
