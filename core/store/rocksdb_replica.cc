// Messages of a log become entries of one WriteBatch, together with the
// positions. Some messages depend on the entries of earlier ones, which a
// WriteBatch cannot be asked for; the batch is written before them.
#include "core/store/rocksdb_replica.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/contact/contact_key.h"
#include "core/store/keys.h"
#include "core/store/rocksdb_key_value_store.h"
#include "core/store/rocksdb_maintenance.h"
#include "core/store/rocksdb_status.h"
#include "core/store/suppression.h"

namespace portrait {
namespace {

using Kind = LogEntry::Kind;

constexpr char kRepairPrefix[] = "repair/";

// "repair/contacts/3/" and the key.
std::string RepairPrefix(const std::string& position_name) {
  return absl::StrCat(kRepairPrefix, position_name, "/");
}

Family FamilyOf(LogEntry::Kind kind) {
  switch (kind) {
    case Kind::kRecord:
      return Family::kContacts;
    case Kind::kLid:
      return Family::kLids;
    case Kind::kObjection:
      return Family::kSuppressed;
    case Kind::kSession:
      return Family::kSessions;
    case Kind::kAccess:
      break;
  }
  return Family::kAccess;
}

// Adds to `sum` the entries of the family at the snapshot.
absl::Status AddToChecksum(
    RocksDbDatabase& database, const rocksdb::Snapshot* snapshot, Family family,
    absl::FunctionRef<bool(absl::string_view)> is_included, uint64_t* sum) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> entry(
      database.db().NewIterator(options, database.family(family)));
  std::string text;
  for (entry->SeekToFirst(); entry->Valid(); entry->Next()) {
    const absl::string_view key = ToView(entry->key());
    if (!is_included(key)) continue;
    text =
        absl::StrCat(FamilyName(family), "/", key, "/", ToView(entry->value()));
    *sum += PartitionKeyOf(text);
  }
  return FromRocksDb(entry->status(), "computing a checksum");
}

}  // namespace

absl::Status RocksDbReplica::Write(absl::Span<LoggedWrite> writes) {
  absl::MutexLock lock(&store_->writer_mu_);
  Pending pending;
  pending.last_sequence = store_->last_sequence_;
  store_->batch_.Clear();
  for (LoggedWrite& write : writes) RETURN_IF_ERROR(Add(write, &pending));
  return Flush(&pending);
}

absl::Status RocksDbReplica::Add(LoggedWrite& write, Pending* pending)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (!write.is_ignored) {
    switch (write.entry.kind) {
      case Kind::kRecord:
        RETURN_IF_ERROR(write.entry.is_erased ? EraseRecord(write, pending)
                                              : AddRecord(write, pending));
        break;
      case Kind::kLid:
        RETURN_IF_ERROR(AddLid(write, pending));
        break;
      case Kind::kObjection:
        AddObjection(write.entry);
        break;
      case Kind::kSession:
      case Kind::kAccess:
        AddValue(write.entry);
        break;
    }
  }
  if (write.repair != LoggedWrite::Repair::kUnchanged) {
    const std::string key =
        absl::StrCat(RepairPrefix(write.position_name), write.key);
    rocksdb::ColumnFamilyHandle* const meta = database_->family(Family::kMeta);
    if (write.repair == LoggedWrite::Repair::kNeeded) {
      store_->batch_.Put(meta, key, rocksdb::Slice());
    } else {
      store_->batch_.Delete(meta, key);
    }
  }
  pending->last_sequence =
      std::max(pending->last_sequence, write.last_sequence);
  pending->positions[write.position_name] = write.position;
  return absl::OkStatus();
}

absl::Status RocksDbReplica::AddRecord(LoggedWrite& write, Pending* pending)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  const store::v1::ContactRecord& record = write.entry.record;
  store_->AddRecord(record);
  pending->touched.push_back(record.jid());
  rocksdb::WriteBatch& batch = store_->batch_;
  // The mapping follows from the record alone, because compaction may have
  // removed the message that made or ended it.
  if (IsPhoneNumberKey(record.jid())) {
    if (record.lid().empty()) {
      batch.Delete(database_->family(Family::kLids), record.jid());
    } else {
      batch.Put(database_->family(Family::kLids), record.jid(), record.lid());
    }
  }
  if (!write.entry.change.has_value()) return absl::OkStatus();
  const Change& change = *write.entry.change;
  write.sequence = change.sequence;
  pending->last_sequence = std::max(pending->last_sequence, change.sequence);
  RocksDbPictureStore::HistoryEntries history;
  store_->AddChange(change, change.jid, &history);
  for (const auto& [key, value] : history) {
    batch.Put(database_->family(Family::kHistory), key, value);
  }
  return absl::OkStatus();
}

absl::Status RocksDbReplica::EraseRecord(LoggedWrite& write, Pending* pending)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  RETURN_IF_ERROR(Flush(pending));
  const std::string& jid = write.entry.id;
  ASSIGN_OR_RETURN(write.erased, store_->EraseContact(jid));
  if (IsPhoneNumberKey(jid)) {
    store_->batch_.Delete(database_->family(Family::kLids), jid);
  }
  if (write.erased > 0) {
    database_->erasures().Note(database_->retention().Now(), store_->batch_);
  }
  pending->touched.push_back(jid);
  return absl::OkStatus();
}

absl::Status RocksDbReplica::AddLid(LoggedWrite& write, Pending* pending)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  const LogEntry& entry = write.entry;
  rocksdb::ColumnFamilyHandle* const lids = database_->family(Family::kLids);
  if (entry.is_erased) {
    RETURN_IF_ERROR(Flush(pending));
    ASSIGN_OR_RETURN(const std::optional<std::string> phone,
                     database_->Read(Family::kLids, entry.id));
    write.erased = phone.has_value() ? 1 : 0;
    store_->batch_.Delete(lids, entry.id);
    return absl::OkStatus();
  }
  if (entry.moves_history) {
    RETURN_IF_ERROR(Flush(pending));
    RocksDbPictureStore::HistoryEntries history;
    RETURN_IF_ERROR(
        store_->AddMovedHistory(entry.id, entry.phone_jid, &history));
    for (const auto& [key, value] : history) {
      store_->batch_.Put(database_->family(Family::kHistory), key, value);
    }
  }
  store_->batch_.Put(lids, entry.id, entry.phone_jid);
  return absl::OkStatus();
}

// Not noted in the list of withdrawals, because a backup that is restored is
// brought up to date by the log.
void RocksDbReplica::AddObjection(const LogEntry& entry)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  rocksdb::ColumnFamilyHandle* const family =
      database_->family(Family::kSuppressed);
  if (entry.is_erased) {
    store_->batch_.Delete(family, entry.id);
    return;
  }
  store_->batch_.Put(family, entry.id, entry.objection.SerializeAsString());
  store_->has_suppressed_ = true;
}

void RocksDbReplica::AddValue(const LogEntry& entry)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  rocksdb::ColumnFamilyHandle* const family =
      database_->family(FamilyOf(entry.kind));
  if (entry.is_erased) {
    store_->batch_.Delete(family, entry.id);
  } else {
    store_->batch_.Put(family, entry.id, entry.value);
  }
}

// Not synced: the log has everything, and the position is lost together with
// what a power cut takes.
absl::Status RocksDbReplica::Flush(Pending* pending)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  rocksdb::WriteBatch& batch = store_->batch_;
  rocksdb::ColumnFamilyHandle* const meta = database_->family(Family::kMeta);
  for (const auto& [name, position] : pending->positions) {
    batch.Put(meta, absl::StrCat(kLogPositionPrefix, name), position);
  }
  if (batch.Count() == 0) return absl::OkStatus();
  if (pending->last_sequence != store_->last_sequence_) {
    batch.Put(meta, kLastSequenceKey, EncodeNumber(pending->last_sequence));
  }
  const absl::Status written =
      database_->Write(batch, StoreSync::kNone, "applying the log");
  for (const std::string& jid : pending->touched) store_->cache_.Drop(jid);
  pending->touched.clear();
  pending->positions.clear();
  batch.Clear();
  RETURN_IF_ERROR(written);
  store_->last_sequence_ = pending->last_sequence;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> RocksDbReplica::ReadPosition(
    const std::string& name) {
  return database_->Read(Family::kMeta, absl::StrCat(kLogPositionPrefix, name));
}

absl::Status RocksDbReplica::WritePosition(const std::string& name,
                                           const std::string& position) {
  rocksdb::WriteBatch batch;
  batch.Put(database_->family(Family::kMeta),
            absl::StrCat(kLogPositionPrefix, name), position);
  return database_->Write(batch, StoreSync::kBatch, "writing a position");
}

absl::StatusOr<std::vector<std::string>> RocksDbReplica::ReadRepairs(
    const std::string& name) {
  std::vector<std::string> keys;
  const std::string prefix = RepairPrefix(name);
  const std::unique_ptr<rocksdb::Iterator> entry(database_->db().NewIterator(
      rocksdb::ReadOptions(), database_->family(Family::kMeta)));
  for (entry->Seek(prefix); entry->Valid() && entry->key().starts_with(prefix);
       entry->Next()) {
    keys.push_back(entry->key().ToString().substr(prefix.size()));
  }
  RETURN_IF_ERROR(FromRocksDb(entry->status(), "reading repairs of the log"));
  return keys;
}

absl::StatusOr<LogEntry> RocksDbReplica::ReadEntry(Kind kind,
                                                   absl::string_view id) {
  LogEntry entry = {.kind = kind, .id = std::string(id)};
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   database_->Read(FamilyOf(kind), id));
  entry.is_erased = !value.has_value();
  if (entry.is_erased) return entry;
  bool is_read = true;
  switch (kind) {
    case Kind::kRecord:
      is_read = entry.record.ParseFromString(*value);
      break;
    case Kind::kLid:
      entry.phone_jid = *value;
      break;
    case Kind::kObjection:
      is_read = entry.objection.ParseFromString(*value);
      break;
    case Kind::kSession:
    case Kind::kAccess:
      entry.value = *value;
      break;
  }
  if (is_read) return entry;
  return absl::DataLossError("store: an entry of the log is unreadable");
}

absl::StatusOr<uint64_t> RocksDbReplica::Checksum(
    absl::FunctionRef<bool(absl::string_view jid)> is_included) {
  rocksdb::ManagedSnapshot snapshot(&database_->db());
  uint64_t sum = 0;
  for (const Family family :
       {Family::kContacts, Family::kLids, Family::kChanges, Family::kSessions,
        Family::kAccess}) {
    RETURN_IF_ERROR(AddToChecksum(*database_, snapshot.snapshot(), family,
                                  is_included, &sum));
  }
  return sum;
}

absl::StatusOr<ReplicaStores> OpenRocksDbReplica(
    const std::string& folder, const RocksDbOptions& options,
    absl::string_view suppression_key) {
  if (suppression_key.size() != kSuppressionKeyBytes) {
    return absl::InvalidArgumentError("store: a suppression key has 32 bytes");
  }
  if (options.retention != absl::InfiniteDuration()) {
    return absl::InvalidArgumentError(
        "--retention: not with --kafka, because copies would erase contacts at "
        "different times");
  }
  RocksDbOptions replicated = options;
  replicated.replica_key = std::string(suppression_key);
  ASSIGN_OR_RETURN(
      const std::shared_ptr<RocksDbDatabase> database,
      RocksDbDatabase::Open(folder, replicated, rocksdb::Env::Default()));
  ASSIGN_OR_RETURN(auto pictures,
                   RocksDbPictureStore::Make(database, replicated));
  ReplicaStores stores;
  stores.sessions =
      std::make_unique<RocksDbKeyValueStore>(database, Family::kSessions);
  stores.access =
      std::make_unique<RocksDbKeyValueStore>(database, Family::kAccess);
  stores.images =
      std::make_unique<RocksDbKeyValueStore>(database, Family::kImages);
  stores.maintenance = std::make_unique<RocksDbMaintenance>(database);
  stores.replica =
      std::make_unique<RocksDbReplica>(database, std::move(pictures));
  return stores;
}

}  // namespace portrait
