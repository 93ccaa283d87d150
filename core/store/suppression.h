// Recognises contacts that objected without storing their identity: for each
// JID, only an HMAC-SHA256 under a random key of this store is kept.
#ifndef PORTRAIT_CORE_STORE_SUPPRESSION_H_
#define PORTRAIT_CORE_STORE_SUPPRESSION_H_

#include <sodium.h>

#include <string>

#include "absl/strings/string_view.h"

namespace portrait {

inline constexpr size_t kSuppressionKeyBytes = 32;

// Thread-safe.
class SuppressionHasher {
 public:
  explicit SuppressionHasher(absl::string_view key);

  // Returns 32 bytes.
  std::string Hash(absl::string_view jid) const;

 private:
  // The state after the key was set; each hash starts from a copy of it.
  crypto_auth_hmacsha256_state keyed_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_SUPPRESSION_H_
