// An entry is removed only after it was applied. So a reader that does not find
// it here finds it in the applied state, if it looks there afterwards.
#include "core/cluster/in_flight.h"

#include <algorithm>

#include "core/base/status_macros.h"
#include "core/cluster/log_message.h"
#include "core/contact/contact_key.h"

namespace portrait::cluster {
namespace {

using Kind = LogEntry::Kind;

// The JIDs that `missing` gives the places of.
std::vector<absl::string_view> At(absl::Span<const absl::string_view> jids,
                                  const std::vector<size_t>& missing) {
  std::vector<absl::string_view> found;
  for (const size_t i : missing) found.push_back(jids[i]);
  return found;
}

}  // namespace

std::shared_ptr<const LogEntry> InFlight::Find(Kind kind,
                                               absl::string_view id) const {
  absl::MutexLock lock(&mu_);
  if (entries_.empty()) return nullptr;
  LogEntry named;
  named.kind = kind;
  named.id = std::string(id);
  const auto found = entries_.find(KeyOf(named));
  return found == entries_.end() ? nullptr : found->second.entry;
}

absl::StatusOr<std::vector<std::optional<store::v1::ContactRecord>>>
InFlight::ReadRecords(absl::Span<const absl::string_view> jids) {
  std::vector<std::optional<store::v1::ContactRecord>> records(jids.size());
  std::vector<size_t> missing;
  for (size_t i = 0; i < jids.size(); ++i) {
    const auto entry = Find(Kind::kRecord, jids[i]);
    if (entry == nullptr) {
      missing.push_back(i);
    } else if (!entry->is_erased) {
      records[i] = entry->record;
    }
  }
  if (missing.empty()) return records;
  ASSIGN_OR_RETURN(auto applied, applied_.ReadRecords(At(jids, missing)));
  for (size_t i = 0; i < missing.size(); ++i) {
    records[missing[i]] = std::move(applied[i]);
  }
  return records;
}

// The LID of a phone number is what its record says.
absl::StatusOr<std::vector<std::string>> InFlight::ReadCounterparts(
    absl::Span<const absl::string_view> jids) {
  std::vector<std::string> counterparts(jids.size());
  std::vector<size_t> missing;
  for (size_t i = 0; i < jids.size(); ++i) {
    const bool is_lid = IsLidKey(jids[i]);
    const auto entry = Find(is_lid ? Kind::kLid : Kind::kRecord, jids[i]);
    if (entry == nullptr) {
      missing.push_back(i);
    } else if (!entry->is_erased) {
      counterparts[i] = is_lid ? entry->phone_jid : entry->record.lid();
    }
  }
  if (missing.empty()) return counterparts;
  ASSIGN_OR_RETURN(auto applied, applied_.ReadCounterparts(At(jids, missing)));
  for (size_t i = 0; i < missing.size(); ++i) {
    counterparts[missing[i]] = std::move(applied[i]);
  }
  return counterparts;
}

absl::StatusOr<std::vector<bool>> InFlight::ReadSuppressed(
    absl::Span<const absl::string_view> jids) {
  std::vector<bool> suppressed(jids.size());
  std::vector<size_t> missing;
  for (size_t i = 0; i < jids.size(); ++i) {
    const auto entry = Find(Kind::kObjection, hash_of_(jids[i]));
    if (entry == nullptr) {
      missing.push_back(i);
    } else {
      suppressed[i] = !entry->is_erased;
    }
  }
  if (missing.empty()) return suppressed;
  ASSIGN_OR_RETURN(const auto applied,
                   applied_.ReadSuppressed(At(jids, missing)));
  for (size_t i = 0; i < missing.size(); ++i) {
    suppressed[missing[i]] = applied[i];
  }
  return suppressed;
}

bool InFlight::has_suppressed() const {
  {
    absl::MutexLock lock(&mu_);
    if (objections_ > 0) return true;
  }
  return applied_.has_suppressed();
}

void InFlight::Add(uint64_t write_id, const LogEntry& entry) {
  auto shared = std::make_shared<const LogEntry>(entry);
  absl::MutexLock lock(&mu_);
  const auto [place, is_new] = entries_.try_emplace(KeyOf(entry));
  place->second = {write_id, std::move(shared)};
  if (is_new && entry.kind == Kind::kObjection) ++objections_;
}

void InFlight::Remove(uint64_t write_id, const LogEntry& entry) {
  absl::MutexLock lock(&mu_);
  const auto found = entries_.find(KeyOf(entry));
  if (found == entries_.end() || found->second.write_id != write_id) return;
  entries_.erase(found);
  if (entry.kind == Kind::kObjection) --objections_;
}

bool InFlight::Has(const std::string& key) const {
  absl::MutexLock lock(&mu_);
  return entries_.contains(key);
}

size_t InFlight::size() const {
  absl::MutexLock lock(&mu_);
  return entries_.size();
}

}  // namespace portrait::cluster
