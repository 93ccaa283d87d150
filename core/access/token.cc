#include "core/access/token.h"

#include <openssl/crypto.h>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "core/base/sha256.h"

namespace portrait {
namespace {

// Identifies tokens to leak scanners.
constexpr absl::string_view kSecretPrefix = "pt_";
constexpr size_t kSecretBytes = 32;
constexpr absl::string_view kScheme = "Bearer ";
constexpr size_t kMaxAuthorizationBytes = 512;

}  // namespace

std::string MakeTokenSecret() {
  return TokenSecretOf(RandomBytes(kSecretBytes));
}

std::string TokenSecretOf(absl::string_view bytes) {
  // absl's URL-safe base64 has no padding.
  return absl::StrCat(kSecretPrefix, absl::WebSafeBase64Escape(bytes));
}

std::string TokenDigest(absl::string_view secret) { return Sha256(secret); }

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
