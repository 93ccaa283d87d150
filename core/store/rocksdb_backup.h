// Converts RocksDB's description of a backup to Backup.
#ifndef PORTRAIT_CORE_STORE_ROCKSDB_BACKUP_H_
#define PORTRAIT_CORE_STORE_ROCKSDB_BACKUP_H_

#include "core/store/store_maintenance.h"
#include "rocksdb/utilities/backup_engine.h"

namespace portrait {

inline Backup ToBackup(const rocksdb::BackupInfo& info) {
  return {.id = info.backup_id,
          .made_at = absl::FromUnixSeconds(info.timestamp),
          .bytes = info.size,
          .files = info.number_files};
}

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_ROCKSDB_BACKUP_H_
