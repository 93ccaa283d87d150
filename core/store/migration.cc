#include "core/store/migration.h"

#include <iterator>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/store/record_view.h"
#include "core/store/rocksdb_status.h"
#include "portrait/store/v1/store.pb.h"
#include "rocksdb/write_batch.h"

namespace portrait {
namespace {

constexpr uint32_t kRecordsPerWrite = 1000;
// Number of records per progress line in the log.
constexpr uint64_t kRecordsPerWord = 10'000'000;

// 1 → 2: if a record does not say when its contact was last used, the contact
// counts as used today and is then kept as long as any other.
absl::Status NoteLastUse(RocksDbDatabase& database) {
  const auto today = static_cast<int32_t>(database.retention().Today());
  rocksdb::ColumnFamilyHandle* const contacts =
      database.family(Family::kContacts);
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> entry(
      database.db().NewIterator(options, contacts));
  rocksdb::WriteBatch batch;
  uint64_t seen = 0;
  for (entry->SeekToFirst(); entry->Valid(); entry->Next()) {
    if (++seen % kRecordsPerWord == 0) {
      LogInfo("store: {} contacts migrated to the new schema", seen);
    }
    const auto record = RecordView::Read(ToView(entry->value()));
    // Skip damaged records: a caller that reads one gets the error.
    if (!record.ok() || record->has_check_time()) continue;
    store::v1::ContactRecord changed;
    changed.ParseFromArray(entry->value().data(),
                           static_cast<int>(entry->value().size()));
    changed.set_used_day(today);
    batch.Put(contacts, entry->key(), changed.SerializeAsString());
    if (batch.Count() < kRecordsPerWrite) continue;
    RETURN_IF_ERROR(
        database.Write(batch, StoreSync::kNone, "changing the schema"));
    batch.Clear();
  }
  RETURN_IF_ERROR(FromRocksDb(entry->status(), "reading all contacts"));
  return database.Write(batch, StoreSync::kNone, "changing the schema");
}

// 2 → 3: sessions migrate their accounts after they have opened the key file.
// The version number keeps a portraitd for version 2 from opening the store.
absl::Status LeaveAccountsToSessions(RocksDbDatabase&) {
  return absl::OkStatus();
}

}  // namespace

absl::Status Migrate(RocksDbDatabase& database, uint64_t from) {
  LogInfo("store: migrating schema version {} to {}", from, kSchemaVersion);
  using Step = absl::Status (*)(RocksDbDatabase&);
  constexpr Step kSteps[] = {NoteLastUse,  // from version 1, from version 2, …
                             LeaveAccountsToSessions};
  static_assert(std::size(kSteps) == kSchemaVersion - 1);
  for (uint64_t version = from; version < kSchemaVersion; ++version) {
    RETURN_IF_ERROR(kSteps[version - 1](database));
    // A synced write also persists all earlier writes.
    rocksdb::WriteBatch batch;
    batch.Put(database.family(Family::kMeta), kSchemaVersionKey,
              absl::StrCat(version + 1));
    RETURN_IF_ERROR(
        database.Write(batch, StoreSync::kBatch, "changing the schema"));
  }
  return absl::OkStatus();
}

}  // namespace portrait
