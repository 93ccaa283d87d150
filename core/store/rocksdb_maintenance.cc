#include "core/store/rocksdb_maintenance.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/files.h"
#include "core/base/status_macros.h"
#include "core/store/backups.h"
#include "core/store/keys.h"
#include "core/store/rocksdb_backup.h"
#include "core/store/rocksdb_status.h"
#include "rocksdb/sst_file_reader.h"

namespace portrait {
namespace {

using Properties = rocksdb::DB::Properties;

absl::Status Cancelled() { return absl::CancelledError("shutting down"); }

std::array<Family, kFamilies> AllFamilies() {
  std::array<Family, kFamilies> families = {};
  for (size_t i = 0; i < kFamilies; ++i) families[i] = static_cast<Family>(i);
  return families;
}

// The name of a file in the store's folder; RocksDB puts a slash before it.
std::string NameOf(const rocksdb::LiveFileMetaData& file) {
  return std::string(absl::StripPrefix(file.name, "/"));
}

// A backup has records of contacts, digests of tokens and sealed accounts, so
// only its owner may read it.
absl::Status CheckIsPrivate(const std::string& folder) {
  struct stat about = {};
  if (stat(folder.c_str(), &about) != 0) {
    return ErrnoError("cannot read", folder);
  }
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the backup folder ", folder,
                   " can be read or written by other users of this machine; "
                   "run chmod 700 on it"));
}

}  // namespace

absl::StatusOr<Backup> RocksDbMaintenance::CreateBackup(
    const std::string& folder, size_t keep) {
  absl::MutexLock turn(&backup_mu_);
  RETURN_IF_ERROR(MakeFolder(folder));
  RETURN_IF_ERROR(CheckIsPrivate(folder));
  rocksdb::BackupEngine* opened = nullptr;
  const rocksdb::BackupEngineOptions options(folder);
  RETURN_IF_ERROR(FromRocksDb(
      rocksdb::BackupEngine::Open(options, database_->db().GetEnv(), &opened),
      absl::StrCat("opening the backups in ", folder)));
  const std::unique_ptr<rocksdb::BackupEngine> engine(opened);
  {
    absl::MutexLock lock(&mu_);
    engine_ = engine.get();
  }
  const absl::Cleanup forget = [this] {
    absl::MutexLock lock(&mu_);
    engine_ = nullptr;
  };
  if (cancelled_) return Cancelled();
  absl::StatusOr<Backup> backup = CreateWith(*engine, keep);
  if (!backup.ok() && cancelled_) return Cancelled();
  return backup;
}

absl::StatusOr<Backup> RocksDbMaintenance::CreateWith(
    rocksdb::BackupEngine& engine, size_t keep) {
  rocksdb::CreateBackupOptions options;
  // Backups share tables, but not logs.
  options.flush_before_backup = true;
  rocksdb::BackupID id = 0;
  RETURN_IF_ERROR(
      FromRocksDb(engine.CreateNewBackup(options, &database_->db(), &id),
                  "making a backup"));
  if (keep > 0) {
    RETURN_IF_ERROR(
        FromRocksDb(engine.PurgeOldBackups(static_cast<uint32_t>(keep)),
                    "the backup was created; removing older ones"));
  }
  rocksdb::BackupInfo info;
  RETURN_IF_ERROR(
      FromRocksDb(engine.GetBackupInfo(id, &info), "reading the new backup"));
  return ToBackup(info);
}

absl::StatusOr<VerifyReport> RocksDbMaintenance::VerifyBackups(
    const std::string& folder) {
  return portrait::VerifyBackups(folder, cancelled_);
}

absl::StatusOr<VerifyReport> RocksDbMaintenance::Verify() {
  if (cancelled_) return Cancelled();
  std::vector<rocksdb::LiveFileMetaData> files;
  database_->db().GetLiveFilesMetaData(&files);
  rocksdb::Options options;
  options.env = database_->db().GetEnv();
  VerifyReport report;
  for (const rocksdb::LiveFileMetaData& file : files) {
    if (cancelled_) return Cancelled();
    rocksdb::SstFileReader reader(options);
    rocksdb::Status status = reader.Open(absl::StrCat(file.db_path, file.name));
    if (status.ok()) status = reader.VerifyChecksum();
    // A compaction may have deleted the file in the meantime.
    if (!status.ok() && !IsLive(file.name)) continue;
    ++report.files;
    report.bytes += file.size;
    if (status.ok()) continue;
    report.damaged.push_back({.name = NameOf(file),
                              .family = file.column_family_name,
                              .bytes = file.size,
                              .problem = status.ToString()});
  }
  return report;
}

bool RocksDbMaintenance::IsLive(const std::string& name) {
  std::vector<rocksdb::LiveFileMetaData> files;
  database_->db().GetLiveFilesMetaData(&files);
  return std::any_of(
      files.begin(), files.end(),
      [&](const rocksdb::LiveFileMetaData& file) { return file.name == name; });
}

absl::Status RocksDbMaintenance::Compact() {
  if (cancelled_) return Cancelled();
  const absl::Status status = database_->Scrub(AllFamilies(), &cancelled_);
  if (!status.ok() && cancelled_) return Cancelled();
  return status;
}

FamilyStats RocksDbMaintenance::StatsOf(Family family) {
  FamilyStats stats;
  stats.name = FamilyName(family);
  const auto read = [&](const std::string& property) {
    uint64_t value = 0;
    // A property that RocksDB does not know stays 0.
    (void)database_->db().GetIntProperty(database_->family(family), property,
                                         &value);
    return value;
  };
  stats.keys = read(Properties::kEstimateNumKeys);
  stats.table_bytes = read(Properties::kTotalSstFilesSize);
  stats.memory_bytes = read(Properties::kCurSizeAllMemTables);
  stats.pending_compaction_bytes =
      read(Properties::kEstimatePendingCompactionBytes);
  rocksdb::ColumnFamilyMetaData metadata;
  database_->db().GetColumnFamilyMetaData(database_->family(family), &metadata);
  stats.tables = metadata.file_count;
  return stats;
}

absl::StatusOr<StoreStats> RocksDbMaintenance::GetStats() {
  StoreStats stats;
  for (const Family family : AllFamilies()) {
    stats.families.push_back(StatsOf(family));
  }
  rocksdb::VectorLogPtr logs;
  RETURN_IF_ERROR(FromRocksDb(database_->db().GetSortedWalFiles(logs),
                              "reading the size of the store's logs"));
  for (const auto& log : logs) stats.log_bytes += log->SizeFileBytes();
  RETURN_IF_ERROR(
      FromRocksDb(database_->db().GetEnv()->GetFreeSpace(
                      database_->db().GetName(), &stats.free_disk_bytes),
                  "reading the free disk space"));
  ASSIGN_OR_RETURN(const std::optional<std::string> sequence,
                   database_->Read(Family::kMeta, kLastSequenceKey));
  stats.last_sequence = DecodeNumber(sequence.value_or("")).value_or(0);
  stats.schema_version = kSchemaVersion;
  return stats;
}

void RocksDbMaintenance::Cancel() {
  cancelled_ = true;
  absl::MutexLock lock(&mu_);
  if (engine_ != nullptr) engine_->StopBackup();
}

}  // namespace portrait
