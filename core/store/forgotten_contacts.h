// ForgottenContacts tells what was asked before a contact was forgotten from
// what was asked after, so that an answer which was on its way does not bring
// back what is erased.
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

// In memory, since no answer is on its way when a process starts; of a contact
// it has a hash. Only the latest are kept: any other contact counts as
// forgotten just before the oldest kept entry, so that an older answer is
// requested again.
//
// count() is thread-safe, the rest thread-compatible.
class ForgottenContacts {
 public:
  static constexpr size_t kMaxContacts = 100'000;

  // How often somebody was forgotten so far: what an observation carries as of
  // when it was asked for.
  uint64_t count() const { return count_; }

  // All of them are one contact, forgotten now.
  void Add(absl::Span<const absl::string_view> jids);

  // What count() was once the contact was forgotten; what was asked for at a
  // smaller count is outdated.
  uint64_t ForgottenAt(absl::string_view jid) const;

 private:
  std::atomic<uint64_t> count_ = 0;
  absl::flat_hash_map<uint64_t, uint64_t> counts_;    // by hash
  std::deque<std::pair<uint64_t, uint64_t>> oldest_;  // hash and count
  uint64_t dropped_ = 0;  // the newest count that is not in `counts_` any more
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_FORGOTTEN_CONTACTS_H_
