#include "core/store/suppression.h"

namespace portrait {
namespace {

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

SuppressionHasher::SuppressionHasher(absl::string_view key) {
  crypto_auth_hmacsha256_init(&keyed_, Bytes(key), key.size());
}

std::string SuppressionHasher::Hash(absl::string_view jid) const {
  crypto_auth_hmacsha256_state state = keyed_;
  crypto_auth_hmacsha256_update(&state, Bytes(jid), jid.size());
  std::string hash(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_final(&state,
                               reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

}  // namespace portrait
