// The StoreMaintenance of the RocksDB store.
#ifndef PORTRAIT_CORE_STORE_ROCKSDB_MAINTENANCE_H_
#define PORTRAIT_CORE_STORE_ROCKSDB_MAINTENANCE_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/store/janitor.h"
#include "core/store/rocksdb_database.h"
#include "core/store/store_maintenance.h"
#include "rocksdb/utilities/backup_engine.h"

namespace portrait {

// Thread-safe; concurrent backups are made one after the other.
class RocksDbMaintenance final : public StoreMaintenance {
 public:
  explicit RocksDbMaintenance(std::shared_ptr<RocksDbDatabase> database)
      : database_(std::move(database)), janitor_(database_) {}

  absl::StatusOr<Backup> CreateBackup(const std::string& folder,
                                      size_t keep) override;
  absl::StatusOr<VerifyReport> VerifyBackups(
      const std::string& folder) override;
  absl::StatusOr<VerifyReport> Verify() override;
  absl::Status Compact() override;
  absl::StatusOr<StoreStats> GetStats() override;
  absl::Status CheckWrites() override { return database_->CheckWrites(); }
  void Cancel() override;
  void Allow() override { cancelled_ = false; }

 private:
  absl::StatusOr<Backup> CreateWith(rocksdb::BackupEngine& engine, size_t keep);
  bool IsLive(const std::string& name);
  FamilyStats StatsOf(Family family);

  const std::shared_ptr<RocksDbDatabase> database_;
  Janitor janitor_;
  std::atomic<bool> cancelled_ = false;

  absl::Mutex backup_mu_;  // held while a backup is made
  absl::Mutex mu_;
  // Set during a backup.
  rocksdb::BackupEngine* engine_ ABSL_GUARDED_BY(mu_) = nullptr;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_ROCKSDB_MAINTENANCE_H_
