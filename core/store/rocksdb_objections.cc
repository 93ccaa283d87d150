// Objections: contacts that are refused to all tenants.
#include <memory>
#include <utility>

#include "core/base/proto_time.h"
#include "core/base/status_macros.h"
#include "core/store/objections.h"
#include "core/store/rocksdb_picture_store.h"
#include "core/store/rocksdb_status.h"
#include "core/store/withdrawals.h"

namespace portrait {

// Adds to batch_ that the contact with `jids`, and `other` unless it is empty,
// objects.
absl::Status RocksDbPictureStore::SuppressLocked(const Jids& jids,
                                                 absl::string_view other) {
  std::vector<std::string> hashes;
  const auto hash_of = [this](absl::string_view jid) {
    return hasher_.Hash(jid);
  };
  for (const auto& [hash, objection] :
       MakeObjections(jids, other, hash_of, database_->retention().Now())) {
    batch_.Put(database_->family(Family::kSuppressed), hash,
               objection.SerializeAsString());
    hashes.push_back(hash);
  }
  // Noted outside the database, so that restoring a backup does not undo it.
  RETURN_IF_ERROR(NoteObjections(database_->folder(), hashes));
  // Set before the write: a reader that then finds no record must check
  // objections.
  has_suppressed_ = true;
  return absl::OkStatus();
}

std::string RocksDbPictureStore::ObjectionIdOf(absl::string_view jid) const {
  return hasher_.Hash(jid);
}

absl::StatusOr<std::vector<StoredObjection>>
RocksDbPictureStore::ListObjections(absl::string_view after, size_t limit) {
  std::vector<StoredObjection> objections;
  const std::unique_ptr<rocksdb::Iterator> entry(database_->db().NewIterator(
      rocksdb::ReadOptions(), database_->family(Family::kSuppressed)));
  for (entry->Seek(ToSlice(after)); entry->Valid() && objections.size() < limit;
       entry->Next()) {
    if (ToView(entry->key()) == after) continue;
    objections.push_back(
        ToStoredObjection(ToView(entry->key()), ToView(entry->value())));
  }
  RETURN_IF_ERROR(FromRocksDb(entry->status(), "reading objections"));
  return objections;
}

absl::StatusOr<uint64_t> RocksDbPictureStore::RemoveObjection(
    absl::string_view id) {
  absl::MutexLock lock(&writer_mu_);
  ObjectionLinks links;
  const std::unique_ptr<rocksdb::Iterator> entry(database_->db().NewIterator(
      rocksdb::ReadOptions(), database_->family(Family::kSuppressed)));
  for (entry->SeekToFirst(); entry->Valid(); entry->Next()) {
    links.Add(ToView(entry->key()), ToView(entry->value()));
  }
  RETURN_IF_ERROR(FromRocksDb(entry->status(), "reading objections"));
  const std::vector<std::string> ids = links.SameContactAs(id);
  if (ids.empty()) return 0;
  // First: until the objection is gone from the database, too, the contact
  // stays refused, and the call can be repeated.
  RETURN_IF_ERROR(NoteRemovedObjections(database_->folder(), ids));
  batch_.Clear();
  for (const std::string& each : ids) {
    batch_.Delete(database_->family(Family::kSuppressed), each);
  }
  RETURN_IF_ERROR(
      database_->Write(batch_, StoreSync::kBatch, "removing an objection"));
  return ids.size();
}

}  // namespace portrait
