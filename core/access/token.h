// Tokens: what they look like, and what of them is kept.
#ifndef PORTRAIT_CORE_ACCESS_TOKEN_H_
#define PORTRAIT_CORE_ACCESS_TOKEN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

// "pt_" and 32 random bytes in URL-safe base64 without padding.
std::string MakeTokenSecret();

// SHA-256 of the secret, 32 bytes: what is stored and compared instead of it.
std::string TokenDigest(absl::string_view secret);

// In time that does not depend on where the two differ.
bool DigestsEqual(absl::string_view a, absl::string_view b);

// The token in "Bearer TOKEN"; the scheme's case does not matter.
//
// Errors: UNAUTHENTICATED, saying what to send.
absl::StatusOr<absl::string_view> ParseBearer(absl::string_view authorization);

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_TOKEN_H_
