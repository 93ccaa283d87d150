// The format of tokens and their stored digest.
#ifndef PORTRAIT_CORE_ACCESS_TOKEN_H_
#define PORTRAIT_CORE_ACCESS_TOKEN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

// Makes "pt_" and 32 random bytes in URL-safe base64 without padding.
std::string MakeTokenSecret();

// The same of the given 32 bytes.
std::string TokenSecretOf(absl::string_view bytes);

// SHA-256 of the secret, 32 bytes, which is stored and compared in its place.
std::string TokenDigest(absl::string_view secret);

// Compares in constant time, whatever the position of a difference.
bool DigestsEqual(absl::string_view a, absl::string_view b);

// Returns the token in "Bearer TOKEN"; the scheme may be in upper or lower
// case.
//
// Errors: UNAUTHENTICATED with the expected format.
absl::StatusOr<absl::string_view> ParseBearer(absl::string_view authorization);

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_TOKEN_H_
