// Tie and Untie: which tenants asked about a contact.
#include <utility>

#include "core/base/status_macros.h"
#include "core/contact/contact_key.h"
#include "core/store/rocksdb_picture_store.h"
#include "core/store/tie_batch.h"

namespace portrait {

absl::Status RocksDbPictureStore::Tie(absl::Span<const ContactTie> ties) {
  absl::MutexLock lock(&writer_mu_);
  ASSIGN_OR_RETURN(const auto puts, MergeTies(*this, ties));
  if (puts.empty()) return absl::OkStatus();
  batch_.Clear();
  for (const store::v1::ContactRecord& record : puts) AddRecord(record);
  const absl::Status written = database_->Write(
      batch_, StoreSync::kNone, "recording the tenant of a lookup");
  for (const store::v1::ContactRecord& record : puts) cache_.Drop(record.jid());
  return written;
}

absl::StatusOr<Untied> RocksDbPictureStore::Untie(absl::string_view jid,
                                                  uint32_t tenant,
                                                  bool erase_untied) {
  RETURN_IF_ERROR(CheckKey(jid));
  absl::MutexLock lock(&writer_mu_);
  ASSIGN_OR_RETURN(const Jids jids, AddressesOf(*this, jid));
  const std::vector<absl::string_view> keys(jids.begin(), jids.end());
  // Added even if nothing is stored, because an answer may be on its way.
  forgotten_.Add(keys, tenant);
  ASSIGN_OR_RETURN(const UntieEffects effects,
                   MergeUntie(*this, keys, tenant, erase_untied));
  Untied untied = {.was_tied = effects.was_tied};
  batch_.Clear();
  for (const store::v1::ContactRecord& record : effects.puts) AddRecord(record);
  if (effects.is_erased) {
    ASSIGN_OR_RETURN(untied.erased, EraseLocked(jids));
  }
  if (batch_.Count() > 0) RETURN_IF_ERROR(WriteForgotten(jids));
  return untied;
}

}  // namespace portrait
