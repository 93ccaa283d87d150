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

namespace portrait {

// Kept in memory only, because no answer is on its way when a process starts; a
// contact is kept as a hash. Only the latest entries are kept: any other
// contact counts as forgotten just before the oldest kept entry, so that an
// older answer is requested again.
//
// count() is thread-safe, the rest thread-compatible.
class ForgottenContacts {
 public:
  static constexpr size_t kMaxContacts = 100'000;

  // The number of Forget calls so far. An observation carries the value at the
  // time of its request.
  uint64_t count() const { return count_; }

  // Adds the JIDs of one contact that is forgotten now.
  void Add(absl::Span<const absl::string_view> jids);

  // The value of count() right after the contact was forgotten. An answer
  // requested at a smaller count is outdated.
  uint64_t ForgottenAt(absl::string_view jid) const;

 private:
  std::atomic<uint64_t> count_ = 0;
  // Count by the contact's hash.
  absl::flat_hash_map<uint64_t, uint64_t> counts_;
  std::deque<std::pair<uint64_t, uint64_t>> oldest_;  // hash and count
  uint64_t dropped_ = 0;  // the newest count that was dropped from `counts_`
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_FORGOTTEN_CONTACTS_H_
