// Lists, verifies and restores the backups in a folder that
// StoreMaintenance::CreateBackup has filled, without an open store.
#ifndef PORTRAIT_CORE_STORE_BACKUPS_H_
#define PORTRAIT_CORE_STORE_BACKUPS_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/store/store_maintenance.h"

namespace portrait {

// Lists the backups, oldest first. Errors: NOT_FOUND if the folder is missing.
absl::StatusOr<std::vector<Backup>> ListBackups(const std::string& folder);

// Reads all files of all backups and compares their checksums. If `cancelled`
// becomes true, it stops with CANCELLED.
absl::StatusOr<VerifyReport> VerifyBackups(const std::string& folder,
                                           const std::atomic<bool>& cancelled);

// Restores backup `id` (0: the newest) to `store_folder`, as a whole or not at
// all. OpenRocksDbStores then opens the folder.
//
// Errors: NOT_FOUND (no such folder or backup), FAILED_PRECONDITION if
// `store_folder` is not empty, DATA_LOSS if the backup is damaged.
absl::StatusOr<Backup> RestoreBackup(const std::string& folder, uint32_t id,
                                     const std::string& store_folder);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_BACKUPS_H_
