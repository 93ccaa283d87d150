#include "core/store/rocksdb_key_value_store.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/store/rocksdb_status.h"
#include "core/store/withdrawals.h"
#include "rocksdb/write_batch.h"

namespace portrait {

absl::StatusOr<std::string> RocksDbKeyValueStore::Get(absl::string_view key) {
  ASSIGN_OR_RETURN(std::optional<std::string> value,
                   database_->Read(family_, key));
  if (!value.has_value()) {
    return absl::NotFoundError(
        absl::StrCat("store: no such key in ", FamilyName(family_)));
  }
  return *std::move(value);
}

absl::Status RocksDbKeyValueStore::Put(absl::string_view key,
                                       absl::string_view value) {
  rocksdb::WriteBatch batch;
  batch.Put(database_->family(family_), ToSlice(key), ToSlice(value));
  return database_->Write(batch, StoreSync::kBatch,
                          absl::StrCat("writing to ", FamilyName(family_)));
}

absl::Status RocksDbKeyValueStore::PutAll(
    absl::Span<const std::pair<std::string, std::string>> entries) {
  rocksdb::WriteBatch batch;
  for (const auto& [key, value] : entries) {
    batch.Put(database_->family(family_), key, value);
  }
  return database_->Write(batch, StoreSync::kBatch,
                          absl::StrCat("writing to ", FamilyName(family_)));
}

absl::Status RocksDbKeyValueStore::Delete(absl::string_view key) {
  // A revoked token is also recorded outside the database, so that restoring a
  // backup does not restore the token.
  if (family_ == Family::kAccess) {
    RETURN_IF_ERROR(NoteRevokedToken(database_->folder(), key));
  }
  rocksdb::WriteBatch batch;
  batch.Delete(database_->family(family_), ToSlice(key));
  return database_->Write(batch, StoreSync::kBatch,
                          absl::StrCat("erasing from ", FamilyName(family_)));
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>>
RocksDbKeyValueStore::List(absl::string_view prefix) {
  std::vector<std::pair<std::string, std::string>> entries;
  const std::unique_ptr<rocksdb::Iterator> entry(database_->db().NewIterator(
      rocksdb::ReadOptions(), database_->family(family_)));
  for (entry->Seek(ToSlice(prefix));
       entry->Valid() && entry->key().starts_with(ToSlice(prefix));
       entry->Next()) {
    entries.emplace_back(entry->key().ToString(), entry->value().ToString());
  }
  RETURN_IF_ERROR(FromRocksDb(entry->status(),
                              absl::StrCat("listing ", FamilyName(family_))));
  return entries;
}

absl::Status RocksDbKeyValueStore::Update(
    absl::Span<const Entries::value_type> puts,
    absl::Span<const std::string> deletes) {
  rocksdb::WriteBatch batch;
  for (const auto& [key, value] : puts) {
    batch.Put(database_->family(family_), key, value);
  }
  for (const std::string& key : deletes) {
    batch.Delete(database_->family(family_), key);
  }
  return database_->Write(batch, StoreSync::kBatch,
                          absl::StrCat("writing to ", FamilyName(family_)));
}

absl::StatusOr<OrderedKeyValueStore::Entries> RocksDbKeyValueStore::ListAfter(
    absl::string_view prefix, absl::string_view after, size_t limit) {
  Entries entries;
  const std::unique_ptr<rocksdb::Iterator> entry(database_->db().NewIterator(
      rocksdb::ReadOptions(), database_->family(family_)));
  entry->Seek(ToSlice(std::max(prefix, after)));
  if (entry->Valid() && ToView(entry->key()) == after) entry->Next();
  for (; entry->Valid() && entry->key().starts_with(ToSlice(prefix)) &&
         entries.size() < limit;
       entry->Next()) {
    entries.emplace_back(entry->key().ToString(), entry->value().ToString());
  }
  RETURN_IF_ERROR(FromRocksDb(entry->status(),
                              absl::StrCat("listing ", FamilyName(family_))));
  return entries;
}

absl::Status RocksDbKeyValueStore::VisitKeys(
    absl::Span<const std::string> prefixes,
    absl::FunctionRef<bool(absl::string_view key)> on_key) {
  // One iterator: to make one pins the state of every table.
  const std::unique_ptr<rocksdb::Iterator> entry(database_->db().NewIterator(
      rocksdb::ReadOptions(), database_->family(family_)));
  bool goes_on = true;
  for (const std::string& prefix : prefixes) {
    for (entry->Seek(prefix);
         goes_on && entry->Valid() && entry->key().starts_with(prefix);
         entry->Next()) {
      goes_on = on_key(ToView(entry->key()));
    }
    if (!goes_on || !entry->status().ok()) break;
  }
  return FromRocksDb(entry->status(),
                     absl::StrCat("listing ", FamilyName(family_)));
}

}  // namespace portrait
