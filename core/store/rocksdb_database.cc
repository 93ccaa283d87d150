#include "core/store/rocksdb_database.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/store/keys.h"
#include "core/store/migration.h"
#include "core/store/rocksdb_status.h"
#include "core/store/suppression.h"
#include "rocksdb/convenience.h"

namespace portrait {
namespace {

namespace fs = std::filesystem;

// The maximum amount of log that is left for the next start. If the database
// closes with more unflushed data, it writes tables, because a start that
// replays hundreds of MB of log takes seconds.
constexpr uint64_t kMaxUnflushedBytes = 16 << 20;
// Room for the tables written from the log, and for a new log.
constexpr uint64_t kRoomToOpenBytes = 16 << 20;

// Creates `folder` with access for its owner only: it holds phone numbers and
// keys.
absl::Status PrepareFolder(const std::string& folder) {
  std::error_code error;
  if (fs::create_directories(folder, error)) {
    fs::permissions(folder, fs::perms::owner_all, error);
  }
  const std::string what =
      absl::StrCat("opening the store ", folder, ": ", error.message());
  if (error == std::errc::permission_denied ||
      (!error && access(folder.c_str(), R_OK | W_OK | X_OK) != 0)) {
    return absl::PermissionDeniedError(
        absl::StrCat("opening the store ", folder,
                     ": no permission to read and write there"));
  }
  return error ? absl::UnavailableError(what) : absl::OkStatus();
}

// RocksDB starts reading at the file CURRENT. If it is missing, RocksDB creates
// a new database and overwrites all other files there.
absl::Status CheckNothingWouldBeOverwritten(const std::string& folder) {
  std::error_code error;
  if (fs::exists(fs::path(folder) / "CURRENT", error)) return absl::OkStatus();
  for (fs::directory_iterator file(folder, error), end; !error && file != end;
       file.increment(error)) {
    const std::string extension = file->path().extension();
    if (extension == ".sst" || extension == ".log") {
      return absl::DataLossError(absl::StrCat(
          "opening the store ", folder, ": the file CURRENT is missing, but ",
          file->path().filename().string(), " is there"));
    }
  }
  return absl::OkStatus();
}

// RocksDB aborts the process if the disk is full while it opens.
absl::Status CheckRoomToOpen(const std::string& folder, rocksdb::Env* env) {
  uint64_t free_bytes = 0;
  if (!env->GetFreeSpace(folder, &free_bytes).ok() ||
      free_bytes >= kRoomToOpenBytes) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(
      absl::StrCat("disk full: opening the store ", folder, ": ", free_bytes,
                   " bytes are free; it needs ", kRoomToOpenBytes));
}

// RocksDB names the damaged file, unless it is one of the logs that it replays.
absl::Status WithLogsNamed(absl::Status status, const std::string& folder) {
  if (!absl::IsDataLoss(status) ||
      !absl::EndsWith(status.message(), "checksum mismatch")) {
    return status;
  }
  std::string logs;
  std::error_code error;
  for (fs::directory_iterator file(folder, error), end; !error && file != end;
       file.increment(error)) {
    if (file->path().extension() == ".log") {
      absl::StrAppend(&logs, " ", file->path().filename().string());
    }
  }
  return absl::DataLossError(
      absl::StrCat(status.message(), " in a log:", logs));
}

}  // namespace

absl::StatusOr<std::shared_ptr<RocksDbDatabase>> RocksDbDatabase::Open(
    const std::string& folder, const RocksDbOptions& options,
    rocksdb::Env* env) {
  RETURN_IF_ERROR(PrepareFolder(folder));
  RETURN_IF_ERROR(CheckNothingWouldBeOverwritten(folder));
  RETURN_IF_ERROR(CheckRoomToOpen(folder, env));
  std::shared_ptr<RocksDbDatabase> database(
      new RocksDbDatabase(folder, options));
  RETURN_IF_ERROR(database->OpenFamilies(options, env));
  RETURN_IF_ERROR(database->CheckSchema(options));
  RETURN_IF_ERROR(database->LoadErasures());
  return database;
}

RocksDbDatabase::~RocksDbDatabase() {
  if (db_ == nullptr) return;
  FlushMemtables();
  // Compaction filters read contacts, so they must end before the families are
  // closed.
  retention_state_->db = nullptr;
  rocksdb::CancelAllBackgroundWork(db_.get(), /*wait=*/true);
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    // This fails only for the default family's handle, which we must not
    // destroy.
    (void)db_->DestroyColumnFamilyHandle(handle);
  }
  const absl::Status closed =
      FromRocksDb(db_->Close(), absl::StrCat("closing the store ", folder_));
  if (!closed.ok()) LogError("{}", closed.ToString());
}

// The log has all of the data, too; the flush only shortens the next start.
void RocksDbDatabase::FlushMemtables() {
  uint64_t bytes = 0;
  db_->GetAggregatedIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables,
                                &bytes);
  if (bytes <= kMaxUnflushedBytes) return;
  const absl::Status flushed =
      FromRocksDb(db_->Flush(rocksdb::FlushOptions(), handles_),
                  absl::StrCat("closing the store ", folder_));
  if (!flushed.ok()) LogWarning("{}", flushed.ToString());
}

absl::Status RocksDbDatabase::OpenFamilies(const RocksDbOptions& options,
                                           rocksdb::Env* env) {
  rocksdb::DBOptions db_options = MakeDbOptions(env);
  db_options.listeners.push_back(NewErrorListener(has_failed_));
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (size_t i = 0; i < kFamilies; ++i) {
    const Family family = static_cast<Family>(i);
    rocksdb::ColumnFamilyDescriptor& descriptor = descriptors.emplace_back(
        FamilyName(family), MakeFamilyOptions(family, cache));
    if (retention().is_limited()) {
      descriptor.options.compaction_filter_factory =
          MakeRetentionFilter(family, retention_state_);
    }
  }
  // RocksDB opens all families or none. Unknown families are from a newer
  // version, which the check of the schema version reports. A missing database
  // has no families, and a damaged one fails when it is opened.
  std::vector<std::string> names;
  (void)rocksdb::DB::ListColumnFamilies(db_options, folder_, &names);
  names.push_back(rocksdb::kDefaultColumnFamilyName);
  for (const std::string& name : names) {
    const bool is_listed =
        std::any_of(descriptors.begin(), descriptors.end(),
                    [&](const auto& known) { return known.name == name; });
    if (!is_listed) {
      descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
    }
  }

  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened =
      rocksdb::DB::Open(db_options, folder_, descriptors, &handles_, &db);
  RETURN_IF_ERROR(WithLogsNamed(FromRocksDbOpen(opened, folder_), folder_));
  db_.reset(db);
  std::copy_n(handles_.begin(), kFamilies, families_.begin());
  retention_state_->contacts = family(Family::kContacts);
  retention_state_->db = db;
  return absl::OkStatus();
}

absl::Status RocksDbDatabase::CheckSchema(const RocksDbOptions& options) {
  ASSIGN_OR_RETURN(const std::optional<std::string> text,
                   Read(Family::kMeta, kSchemaVersionKey));
  if (!text.has_value()) {
    rocksdb::WriteBatch batch;
    batch.Put(family(Family::kMeta), kSchemaVersionKey,
              absl::StrCat(kSchemaVersion));
    batch.Put(family(Family::kMeta), kSuppressionKeyKey,
              options.replica_key.empty() ? RandomBytes(kSuppressionKeyBytes)
                                          : options.replica_key);
    if (!options.replica_key.empty()) {
      batch.Put(family(Family::kMeta), kIsReplicaKey, "1");
    }
    return Write(batch, StoreSync::kBatch, "creating the store");
  }
  uint64_t version = 0;
  if (!absl::SimpleAtoi(*text, &version) || version == 0) {
    return absl::DataLossError(absl::StrCat(
        "opening the store ", folder_, ": its schema version is unreadable"));
  }
  if (version > kSchemaVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the store ", folder_, " has schema version ", version,
        ", written by a newer portraitd; this one reads up to version ",
        kSchemaVersion));
  }
  RETURN_IF_ERROR(CheckReplica(options.replica_key));
  return version < kSchemaVersion ? Migrate(*this, version) : absl::OkStatus();
}

// A store that follows a log must have all of its data from it, so neither kind
// of store can become the other.
absl::Status RocksDbDatabase::CheckReplica(const std::string& replica_key) {
  ASSIGN_OR_RETURN(const std::optional<std::string> is_replica,
                   Read(Family::kMeta, kIsReplicaKey));
  if (is_replica.has_value() && replica_key.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the store ", folder_, " belongs to a cluster; start with --kafka"));
  }
  if (replica_key.empty()) return absl::OkStatus();
  if (!is_replica.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the store ", folder_,
                     " was written without --kafka; a node of a "
                     "cluster needs a data folder of its own"));
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> key,
                   Read(Family::kMeta, kSuppressionKeyKey));
  if (key == replica_key) return absl::OkStatus();
  // A node whose first start failed has followed no log, so that nothing is
  // hashed with the key.
  const std::unique_ptr<rocksdb::Iterator> position(
      db_->NewIterator(rocksdb::ReadOptions(), family(Family::kMeta)));
  position->Seek(kLogPositionPrefix);
  RETURN_IF_ERROR(FromRocksDb(position->status(), "reading positions"));
  if (!position->Valid() || !position->key().starts_with(kLogPositionPrefix)) {
    rocksdb::WriteBatch batch;
    batch.Put(family(Family::kMeta), kSuppressionKeyKey, replica_key);
    return Write(batch, StoreSync::kBatch, "replacing the cluster's key");
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the store ", folder_,
                   " was written with another key file; all nodes of "
                   "a cluster need the same one"));
}

absl::Status RocksDbDatabase::LoadErasures() {
  ASSIGN_OR_RETURN(const std::optional<std::string> through,
                   Read(Family::kMeta, kErasedThroughKey));
  retention_state_->erased_through =
      DecodeNumber(through.value_or("")).value_or(0);
  return erasures_.Load();
}

absl::StatusOr<std::optional<std::string>> RocksDbDatabase::Read(
    Family family, absl::string_view key) {
  std::string value;
  const rocksdb::Status status = db_->Get(
      rocksdb::ReadOptions(), this->family(family), ToSlice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  RETURN_IF_ERROR(FromRocksDb(
      status, absl::StrCat("reading from the store's ", FamilyName(family))));
  return value;
}

}  // namespace portrait
