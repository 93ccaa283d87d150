// A folder of backups, as StoreMaintenance::CreateBackup fills it, seen without
// a store.
#ifndef PORTRAIT_CORE_STORE_BACKUPS_H_
#define PORTRAIT_CORE_STORE_BACKUPS_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/store/store_maintenance.h"

namespace portrait {

// Oldest first. Errors: NOT_FOUND when there is no such folder.
absl::StatusOr<std::vector<Backup>> ListBackups(const std::string& folder);

// Reads all files of all backups and compares their checksums. Stops when
// `cancelled` is set: CANCELLED.
absl::StatusOr<VerifyReport> VerifyBackups(const std::string& folder,
                                           const std::atomic<bool>& cancelled);

// Makes the store of backup `id` (0: the newest) in `store_folder`, whole or
// not at all. OpenRocksDbStores opens it.
//
// Errors: NOT_FOUND (no such folder or backup), FAILED_PRECONDITION when there
// is something in `store_folder`, DATA_LOSS when the backup is damaged.
absl::StatusOr<Backup> RestoreBackup(const std::string& folder, uint32_t id,
                                     const std::string& store_folder);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_BACKUPS_H_
