// The SHA-256 hash (libsodium). OpenSSL takes twice as long for short texts,
// and would open its configuration file, which a sandbox forbids.
#ifndef PORTRAIT_CORE_BASE_SHA256_H_
#define PORTRAIT_CORE_BASE_SHA256_H_

#include <string>

#include "absl/strings/string_view.h"

namespace portrait {

// The 32 bytes of the hash. Thread-safe.
std::string Sha256(absl::string_view bytes);

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_SHA256_H_
