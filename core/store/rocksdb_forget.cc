// Forget erases the stored data of a contact under both of its JIDs.
#include <utility>

#include "core/base/status_macros.h"
#include "core/contact/contact_key.h"
#include "core/store/keys.h"
#include "core/store/rocksdb_picture_store.h"
#include "core/store/tie_batch.h"

namespace portrait {

absl::StatusOr<uint64_t> RocksDbPictureStore::Forget(absl::string_view jid,
                                                     bool suppress) {
  RETURN_IF_ERROR(CheckKey(jid));
  absl::MutexLock lock(&writer_mu_);
  return ForgetLocked(jid, suppress);
}

absl::StatusOr<uint64_t> RocksDbPictureStore::ForgetLocked(
    absl::string_view jid, bool suppress, absl::string_view other) {
  ASSIGN_OR_RETURN(const Jids jids, AddressesOf(*this, jid));
  // Added even if nothing is stored, because an answer may be in flight.
  forgotten_.Add(std::vector<absl::string_view>(jids.begin(), jids.end()));
  batch_.Clear();
  ASSIGN_OR_RETURN(const uint64_t erased, EraseLocked(jids));
  if (erased == 0 && !suppress) return 0;
  if (suppress) RETURN_IF_ERROR(SuppressLocked(jids, other));
  RETURN_IF_ERROR(WriteForgotten(jids));
  return erased;
}

// Adds the deletion of everything stored under `jids`, the JIDs of one contact,
// to batch_. Returns the number of deleted entries.
absl::StatusOr<uint64_t> RocksDbPictureStore::EraseLocked(const Jids& jids) {
  uint64_t erased = jids.size() - 1;  // the mapping between PN and LID
  for (const std::string& each : jids) {
    ASSIGN_OR_RETURN(const uint64_t entries, EraseContact(each));
    erased += entries;
    batch_.Delete(database_->family(Family::kLids), each);
  }
  if (erased > 0) {
    database_->erasures().Note(database_->retention().Now(), batch_);
  }
  return erased;
}

// Writes batch_. Always synced: an erasure must survive a crash of the machine.
absl::Status RocksDbPictureStore::WriteForgotten(const Jids& jids) {
  const absl::Status written =
      database_->Write(batch_, StoreSync::kBatch, "forgetting a contact");
  for (const std::string& each : jids) cache_.Drop(each);
  return written;
}

// Adds the deletion of the record and changes of `jid` to batch_; returns the
// number of deleted entries.
absl::StatusOr<uint64_t> RocksDbPictureStore::EraseContact(
    absl::string_view jid) {
  uint64_t erased = 0;
  ASSIGN_OR_RETURN(const std::optional<std::string> record,
                   database_->Read(Family::kContacts, jid));
  if (record.has_value()) {
    batch_.Delete(database_->family(Family::kContacts), ToSlice(jid));
    ++erased;
  }
  const auto erase = [&](Change change) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    batch_.Delete(database_->family(Family::kChanges),
                  ChangeKey(change.sequence));
    batch_.Delete(database_->family(Family::kHistory),
                  HistoryKey(jid, change.sequence));
    erased += 2;
    return true;
  };
  RETURN_IF_ERROR(ScanHistory(jid, /*before=*/0, erase));
  return erased;
}

}  // namespace portrait
