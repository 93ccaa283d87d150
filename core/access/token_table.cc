#include "core/access/token_table.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/access/token.h"
#include "core/base/proto_time.h"

namespace portrait {
namespace {

uint64_t PrefixOf(absl::string_view digest) {
  uint64_t prefix = 0;
  std::memcpy(&prefix, digest.data(), std::min(sizeof(prefix), digest.size()));
  return prefix;
}

}  // namespace

bool TokenEntry::HasExpired(absl::Time now) const {
  return token.has_expire_time() && FromProto(token.expire_time()) <= now;
}

void TokenTable::Insert(TokenEntry entry) {
  std::string id = entry.token.token_id();
  TokenEntry* const at =
      &by_id_.emplace(std::move(id), std::move(entry)).first->second;
  by_digest_prefix_[PrefixOf(at->digest)] = at;
  by_tenant_[at->token.tenant()].push_back(at);
}

const TokenEntry* TokenTable::FindByDigest(absl::string_view digest) const {
  const auto found = by_digest_prefix_.find(PrefixOf(digest));
  if (found == by_digest_prefix_.end()) return nullptr;
  return DigestsEqual(found->second->digest, digest) ? found->second : nullptr;
}

TokenEntry* TokenTable::FindById(absl::string_view token_id) {
  const auto found = by_id_.find(token_id);
  return found == by_id_.end() ? nullptr : &found->second;
}

const TokenEntry* TokenTable::FindById(absl::string_view token_id) const {
  const auto found = by_id_.find(token_id);
  return found == by_id_.end() ? nullptr : &found->second;
}

void TokenTable::Erase(absl::string_view token_id) {
  const auto found = by_id_.find(token_id);
  if (found == by_id_.end()) return;
  const TokenEntry* const entry = &found->second;
  by_digest_prefix_.erase(PrefixOf(entry->digest));
  const auto tenant = by_tenant_.find(entry->token.tenant());
  std::vector<const TokenEntry*>& of_tenant = tenant->second;
  of_tenant.erase(std::find(of_tenant.begin(), of_tenant.end(), entry));
  if (of_tenant.empty()) by_tenant_.erase(tenant);
  by_id_.erase(found);
}

std::vector<const TokenEntry*> TokenTable::All() const {
  std::vector<const TokenEntry*> entries;
  for (const auto& [id, entry] : by_id_) entries.push_back(&entry);
  return entries;
}

const std::vector<const TokenEntry*>& TokenTable::Of(
    absl::string_view tenant) const {
  static const auto& none = *new std::vector<const TokenEntry*>;
  const auto found = by_tenant_.find(tenant);
  return found == by_tenant_.end() ? none : found->second;
}

}  // namespace portrait
