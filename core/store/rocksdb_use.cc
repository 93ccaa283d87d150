// MarkUsed notes in records that lookups read them today.
#include "core/base/status_macros.h"
#include "core/store/last_use.h"
#include "core/store/rocksdb_picture_store.h"

namespace portrait {

absl::Status RocksDbPictureStore::MarkUsed(absl::Span<const std::string> jids) {
  const std::vector<absl::string_view> keys(jids.begin(), jids.end());
  absl::MutexLock lock(&writer_mu_);
  // Contacts past retention are not read, so they are not restored.
  ASSIGN_OR_RETURN(auto records, ReadRecords(keys));
  const int64_t today = database_->retention().Today();
  batch_.Clear();
  for (auto& record : records) {
    if (!record.has_value() || KnownLastUse(*record, today) >= today) continue;
    record->set_used_day(static_cast<int32_t>(today));
    AddRecord(*record);
  }
  if (batch_.Count() == 0) return absl::OkStatus();
  // If a power cut loses the day, the next lookup writes it again.
  const absl::Status written = database_->Write(
      batch_, StoreSync::kNone, "storing the last use of contacts");
  for (const std::string& jid : jids) cache_.Drop(jid);
  return written;
}

}  // namespace portrait
