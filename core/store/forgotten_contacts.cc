#include "core/store/forgotten_contacts.h"

#include <algorithm>

#include "absl/hash/hash.h"

namespace portrait {
namespace {

uint64_t HashOf(absl::string_view jid) {
  return absl::Hash<absl::string_view>{}(jid);
}

}  // namespace

void ForgottenContacts::Add(absl::Span<const absl::string_view> jids) {
  const uint64_t count = ++count_;
  for (const absl::string_view jid : jids) {
    const uint64_t hash = HashOf(jid);
    counts_[hash] = count;
    oldest_.emplace_back(hash, count);
  }
  while (oldest_.size() > kMaxContacts) {
    const auto [hash, dropped] = oldest_.front();
    oldest_.pop_front();
    dropped_ = std::max(dropped_, dropped);
    // The entry stays if the contact was forgotten again later.
    const auto entry = counts_.find(hash);
    if (entry != counts_.end() && entry->second == dropped) {
      counts_.erase(entry);
    }
  }
}

uint64_t ForgottenContacts::ForgottenAt(absl::string_view jid) const {
  const auto entry = counts_.find(HashOf(jid));
  return entry == counts_.end() ? dropped_ : entry->second;
}

}  // namespace portrait
