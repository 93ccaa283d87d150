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
  std::string digest;  // TokenDigest of the secret
  v1::Token token;
  uint32_t tenant_number = 0;
  bool revoked = false;  // kept only until the store has erased it

  bool HasExpired(absl::Time now) const;
  bool Stands(absl::Time now) const { return !revoked && !HasExpired(now); }
};

// Thread-compatible. Pointers are valid until the entry is erased.
class TokenTable {
 public:
  // The entry's id must be new.
  void Insert(TokenEntry entry);
  // Returns null if there is none. The duration reveals at most the digest's
  // first eight bytes, which reveal nothing about the secret.
  const TokenEntry* FindByDigest(absl::string_view digest) const;
  TokenEntry* FindById(absl::string_view token_id);
  const TokenEntry* FindById(absl::string_view token_id) const;
  void Erase(absl::string_view token_id);

  // All entries, in no particular order.
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
