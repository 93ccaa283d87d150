#include "core/store/backups.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/store/rocksdb_backup.h"
#include "core/store/rocksdb_status.h"
#include "rocksdb/utilities/backup_engine.h"

namespace portrait {
namespace {

namespace fs = std::filesystem;
using rocksdb::BackupEngineReadOnly;

// The engine closes itself on destruction.
absl::StatusOr<std::unique_ptr<BackupEngineReadOnly>> Open(
    const std::string& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return absl::NotFoundError(
        absl::StrCat("there is no backup folder ", folder));
  }
  BackupEngineReadOnly* engine = nullptr;
  const rocksdb::Status opened = BackupEngineReadOnly::Open(
      rocksdb::BackupEngineOptions(folder), rocksdb::Env::Default(), &engine);
  if (opened.IsNotFound()) {
    return absl::NotFoundError(absl::StrCat("there is no backup in ", folder));
  }
  RETURN_IF_ERROR(
      FromRocksDb(opened, absl::StrCat("opening the backups in ", folder)));
  return std::unique_ptr<BackupEngineReadOnly>(engine);
}

std::vector<Backup> BackupsIn(const BackupEngineReadOnly& engine) {
  std::vector<rocksdb::BackupInfo> infos;
  engine.GetBackupInfo(&infos);
  std::vector<Backup> backups;
  for (const rocksdb::BackupInfo& info : infos) {
    backups.push_back(ToBackup(info));
  }
  return backups;
}

// Returns OK if the folder is missing or empty, so that a store may be made
// there.
absl::Status CheckIsEmpty(const std::string& folder) {
  std::error_code error;
  if (!fs::exists(folder, error) || fs::is_empty(folder, error)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("there is a store in ", folder,
                   " already; restore the backup to a folder without a store"));
}

}  // namespace

absl::StatusOr<std::vector<Backup>> ListBackups(const std::string& folder) {
  ASSIGN_OR_RETURN(const auto engine, Open(folder));
  return BackupsIn(*engine);
}

absl::StatusOr<VerifyReport> VerifyBackups(const std::string& folder,
                                           const std::atomic<bool>& cancelled) {
  ASSIGN_OR_RETURN(const auto engine, Open(folder));
  VerifyReport report;
  for (const Backup& backup : BackupsIn(*engine)) {
    if (cancelled) return absl::CancelledError("shutting down");
    report.files += backup.files;
    report.bytes += backup.bytes;
    const rocksdb::Status status =
        engine->VerifyBackup(backup.id, /*verify_with_checksum=*/true);
    if (status.ok()) continue;
    report.damaged.push_back({.name = absl::StrCat("backup ", backup.id),
                              .family = "",
                              .bytes = backup.bytes,
                              .problem = status.ToString()});
  }
  std::vector<rocksdb::BackupID> unreadable;
  engine->GetCorruptedBackups(&unreadable);
  for (const rocksdb::BackupID id : unreadable) {
    report.damaged.push_back({.name = absl::StrCat("backup ", id),
                              .family = "",
                              .bytes = 0,
                              .problem = "some of its files are missing"});
  }
  return report;
}

absl::StatusOr<Backup> RestoreBackup(const std::string& folder, uint32_t id,
                                     const std::string& store_folder) {
  RETURN_IF_ERROR(CheckIsEmpty(store_folder));
  ASSIGN_OR_RETURN(const auto engine, Open(folder));
  const std::vector<Backup> backups = BackupsIn(*engine);
  const auto backup = std::find_if(
      backups.rbegin(), backups.rend(),
      [id](const Backup& each) { return id == 0 || each.id == id; });
  if (backup == backups.rend()) {
    return absl::NotFoundError(
        absl::StrCat("there is no backup ",
                     id == 0 ? "" : absl::StrCat(id, " "), "in ", folder));
  }
  // The store is restored into a folder with another name and then renamed, so
  // that an interrupted restore leaves nothing that looks like a store.
  const std::string unfinished = absl::StrCat(store_folder, ".restoring");
  std::error_code error;
  fs::remove_all(unfinished, error);
  if (fs::create_directories(unfinished, error)) {
    fs::permissions(unfinished, fs::perms::owner_all, error);
  }
  RETURN_IF_ERROR(FromRocksDb(
      engine->RestoreDBFromBackup(backup->id, unfinished, unfinished),
      absl::StrCat("restoring backup ", backup->id, " of ", folder)));
  if (!error) fs::rename(unfinished, store_folder, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("restoring to ", store_folder, ": ", error.message()));
  }
  return *backup;
}

}  // namespace portrait
