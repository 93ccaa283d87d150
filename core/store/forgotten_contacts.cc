#include "core/store/forgotten_contacts.h"

#include <algorithm>

#include "absl/hash/hash.h"

namespace portrait {

void ForgottenContacts::Add(absl::Span<const absl::string_view> jids,
                            uint32_t tenant) {
  const uint64_t count = ++count_;
  OfTenant& entries = tenants_[tenant];
  for (const absl::string_view jid : jids) {
    const uint64_t hash = absl::HashOf(jid);
    entries.counts[hash] = count;
    entries.oldest.emplace_back(hash, count);
    ++size_;
  }
  while (size_ > kMaxContacts) EvictOne();
}

void ForgottenContacts::EvictOne() {
  // There are at most as many tenants as tokens, and this runs at the limit
  // only.
  OfTenant& entries =
      std::max_element(tenants_.begin(), tenants_.end(),
                       [](const auto& a, const auto& b) {
                         return a.second.oldest.size() < b.second.oldest.size();
                       })
          ->second;
  const auto [hash, evicted] = entries.oldest.front();
  entries.oldest.pop_front();
  --size_;
  // A contact that was forgotten again later keeps its newer entry.
  const auto entry = entries.counts.find(hash);
  if (entry == entries.counts.end() || entry->second != evicted) return;
  entries.counts.erase(entry);
  entries.evicted = std::max(entries.evicted, evicted);
}

ForgottenTime ForgottenContacts::ForgottenAt(absl::string_view jid,
                                             uint32_t tenant) const {
  if (tenants_.empty()) return {};
  const uint64_t hash = absl::HashOf(jid);
  const ForgottenTime by_it = ForgottenBy(tenant, hash);
  if (tenant == kAllTenants) return by_it;
  const ForgottenTime for_all = ForgottenBy(kAllTenants, hash);
  return for_all.count > by_it.count ? for_all : by_it;
}

ForgottenTime ForgottenContacts::ForgottenBy(uint32_t tenant,
                                             uint64_t hash) const {
  const auto entries = tenants_.find(tenant);
  if (entries == tenants_.end()) return {};
  const auto entry = entries->second.counts.find(hash);
  if (entry != entries->second.counts.end()) return {entry->second, false};
  return {entries->second.evicted, entries->second.evicted > 0};
}

}  // namespace portrait
