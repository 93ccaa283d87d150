// Tie and Untie: which tenants asked about a contact.
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "core/base/status_macros.h"
#include "core/contact/contact_key.h"
#include "core/store/rocksdb_picture_store.h"
#include "core/store/ties.h"

namespace portrait {

absl::Status RocksDbPictureStore::Tie(absl::Span<const ContactTie> ties) {
  std::vector<absl::string_view> keys;
  absl::flat_hash_map<absl::string_view, size_t> place;  // in `keys`
  for (const ContactTie& tie : ties) {
    if (place.try_emplace(tie.jid, keys.size()).second) {
      keys.push_back(tie.jid);
    }
  }
  absl::MutexLock lock(&writer_mu_);
  ASSIGN_OR_RETURN(auto records, ReadRecords(keys));
  std::vector<bool> is_new(keys.size());
  for (const ContactTie& tie : ties) {
    const size_t at = place[tie.jid];
    if (!records[at].has_value() ||
        ForgottenAt(tie.jid, tie.tenant).count > tie.forget_count) {
      continue;
    }
    if (AddTie(tie.tenant, tie.asked_at, *records[at])) is_new[at] = true;
  }
  batch_.Clear();
  for (size_t i = 0; i < keys.size(); ++i) {
    if (is_new[i]) AddRecord(*records[i]);
  }
  if (batch_.Count() == 0) return absl::OkStatus();
  const absl::Status written = database_->Write(
      batch_, StoreSync::kNone, "recording the tenant of a lookup");
  for (const absl::string_view key : keys) cache_.Drop(key);
  return written;
}

absl::StatusOr<Untied> RocksDbPictureStore::Untie(absl::string_view jid,
                                                  uint32_t tenant,
                                                  bool erase_untied) {
  RETURN_IF_ERROR(CheckKey(jid));
  absl::MutexLock lock(&writer_mu_);
  ASSIGN_OR_RETURN(const Jids jids, AddressesOf(jid));
  const std::vector<absl::string_view> keys(jids.begin(), jids.end());
  // Added even if nothing is stored, because an answer may be on its way.
  forgotten_.Add(keys, tenant);
  ASSIGN_OR_RETURN(auto records, ReadRecords(keys));
  Untied untied;
  bool is_stored = false, is_kept = false;
  batch_.Clear();
  for (auto& record : records) {
    if (!record.has_value()) continue;
    is_stored = true;
    const bool was_tied = RemoveTie(tenant, *record);
    untied.was_tied |= was_tied;
    const bool has_ties = record->ties_size() > 0;
    is_kept |= has_ties || (!was_tied && !erase_untied);
    if (was_tied && has_ties) AddRecord(*record);
  }
  if (is_stored && !is_kept) {
    ASSIGN_OR_RETURN(untied.erased, EraseLocked(jids));
  }
  if (batch_.Count() > 0) RETURN_IF_ERROR(WriteForgotten(jids));
  return untied;
}

}  // namespace portrait
