// TokenTable finds tokens by the digest of their secret and by their id.
#ifndef PORTRAIT_CORE_ACCESS_TOKEN_TABLE_H_
#define PORTRAIT_CORE_ACCESS_TOKEN_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "portrait/v1/access.pb.h"

namespace portrait {

struct TokenEntry {
  std::string digest;  // of the secret, as TokenDigest makes it
  v1::Token token;
  bool revoked = false;  // kept only until the store has erased it

  bool HasExpired(absl::Time now) const;
  bool Stands(absl::Time now) const { return !revoked && !HasExpired(now); }
};

// Thread-compatible. Pointers are good until the entry is erased.
class TokenTable {
 public:
  // Requires an id that is not there yet.
  void Insert(TokenEntry entry);
  // Null when there is none. How long this takes tells at most of a digest's
  // first eight bytes, which tell nothing of the secret.
  const TokenEntry* FindByDigest(absl::string_view digest) const;
  TokenEntry* FindById(absl::string_view token_id);
  const TokenEntry* FindById(absl::string_view token_id) const;
  void Erase(absl::string_view token_id);

  // In no order.
  std::vector<const TokenEntry*> All() const;
  const std::vector<const TokenEntry*>& Of(absl::string_view tenant) const;

  size_t size() const { return by_id_.size(); }

 private:
  absl::node_hash_map<std::string, TokenEntry> by_id_;
  absl::flat_hash_map<uint64_t, TokenEntry*> by_digest_prefix_;
  absl::flat_hash_map<std::string, std::vector<const TokenEntry*>> by_tenant_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_TOKEN_TABLE_H_
