// ForgottenContacts distinguishes requests made before a contact was forgotten
// from later ones, so that an answer still on its way does not restore erased
// data.
#ifndef PORTRAIT_CORE_STORE_FORGOTTEN_CONTACTS_H_
#define PORTRAIT_CORE_STORE_FORGOTTEN_CONTACTS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/store/observation.h"

namespace portrait {

// A contact that tenant 0 forgets is forgotten for all tenants. A contact that
// another tenant forgets is forgotten for this tenant's lookups only, so that
// no tenant makes another tenant's lookups fail.
//
// Kept in memory only, because no answer is on its way when a process starts; a
// contact is kept as a hash. At most kMaxContacts entries are kept. Beyond
// that, the tenant with the most entries loses its oldest one. Any contact
// without an entry then counts as doubtful: forgotten by this tenant at the
// time of the newest lost entry.
//
// count() is thread-safe, the rest thread-compatible.
class ForgottenContacts {
 public:
  static constexpr size_t kMaxContacts = 100'000;
  static constexpr uint32_t kAllTenants = 0;

  // The number of Forget calls so far. An observation carries the value at the
  // time of its request.
  uint64_t count() const { return count_; }

  // Adds the JIDs of one contact that is forgotten now.
  void Add(absl::Span<const absl::string_view> jids,
           uint32_t tenant = kAllTenants);

  // When the contact was last forgotten, by `tenant` or for all tenants. An
  // answer requested at a smaller count is outdated.
  ForgottenTime ForgottenAt(absl::string_view jid,
                            uint32_t tenant = kAllTenants) const;

 private:
  struct OfTenant {
    absl::flat_hash_map<uint64_t, uint64_t> counts;    // by hash
    std::deque<std::pair<uint64_t, uint64_t>> oldest;  // hash and count
    uint64_t evicted = 0;  // the newest count that is not in `counts` any more
  };

  ForgottenTime ForgottenBy(uint32_t tenant, uint64_t hash) const;
  void EvictOne();

  std::atomic<uint64_t> count_ = 0;
  size_t size_ = 0;  // of all the `oldest`
  absl::flat_hash_map<uint32_t, OfTenant> tenants_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_FORGOTTEN_CONTACTS_H_
