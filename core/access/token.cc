#include "core/access/token.h"

#include <openssl/crypto.h>
#include <sodium.h>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/random.h"

namespace portrait {
namespace {

// Identifies tokens to leak scanners.
constexpr absl::string_view kSecretPrefix = "pt_";
constexpr size_t kSecretBytes = 32;
constexpr absl::string_view kScheme = "Bearer ";
constexpr size_t kMaxAuthorizationBytes = 512;

}  // namespace

std::string MakeTokenSecret() {
  // absl's URL-safe base64 has no padding.
  return absl::StrCat(kSecretPrefix,
                      absl::WebSafeBase64Escape(RandomBytes(kSecretBytes)));
}

std::string TokenDigest(absl::string_view secret) {
  // Every call needs this: with OpenSSL 3, looking up SHA-256 takes twice as
  // long as the digest.
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(secret.data()),
                     secret.size());
  return digest;
}

bool DigestsEqual(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() &&
         CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

absl::StatusOr<absl::string_view> ParseBearer(absl::string_view authorization) {
  if (authorization.empty()) {
    return absl::UnauthenticatedError(
        "no token: send metadata 'authorization: Bearer TOKEN'");
  }
  if (authorization.size() > kMaxAuthorizationBytes ||
      !absl::StartsWithIgnoreCase(authorization, kScheme)) {
    return absl::UnauthenticatedError(
        "the authorization metadata is not 'Bearer TOKEN'");
  }
  return absl::StripAsciiWhitespace(authorization.substr(kScheme.size()));
}

}  // namespace portrait
