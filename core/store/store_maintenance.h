// StoreMaintenance manages a store that keeps serving: backups, verification,
// size statistics.
#ifndef PORTRAIT_CORE_STORE_STORE_MAINTENANCE_H_
#define PORTRAIT_CORE_STORE_STORE_MAINTENANCE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace portrait {

// A copy of the store as of one moment.
struct Backup {
  uint32_t id = 0;  // 1, 2, … within its folder
  absl::Time made_at;
  uint64_t bytes = 0;  // includes tables shared with other backups
  uint32_t files = 0;
};

struct DamagedFile {
  std::string name;
  std::string family;  // empty: the file is part of a backup
  uint64_t bytes = 0;
  std::string problem;
};

struct VerifyReport {
  uint64_t files = 0;
  uint64_t bytes = 0;
  std::vector<DamagedFile> damaged;
};

struct FamilyStats {
  std::string name;
  uint64_t keys = 0;  // estimated
  uint64_t tables = 0;
  uint64_t table_bytes = 0;
  uint64_t memory_bytes = 0;              // data that is not in a table yet
  uint64_t pending_compaction_bytes = 0;  // estimated
};

struct StoreStats {
  std::vector<FamilyStats> families;
  uint64_t log_bytes = 0;
  uint64_t free_disk_bytes = 0;
  uint64_t last_sequence = 0;
  uint64_t schema_version = 0;
};

// Thread-safe. All methods but GetStats may take as long as reading and writing
// the whole store; the store keeps serving meanwhile.
//
// Errors of every method: those of PictureStore; CANCELLED after Cancel.
class StoreMaintenance {
 public:
  virtual ~StoreMaintenance() = default;

  // Adds a backup of the current store to `folder`, which is created, for its
  // owner only, if it is missing. The newest `keep` backups in it are kept; 0:
  // all. A backup has the sealed accounts, but not the key under which they are
  // sealed.
  virtual absl::StatusOr<Backup> CreateBackup(const std::string& folder,
                                              size_t keep) = 0;

  // Reads every file of every backup in `folder` and compares its checksums.
  virtual absl::StatusOr<VerifyReport> VerifyBackups(
      const std::string& folder) = 0;

  // Reads every table and compares its checksums. The report lists damaged
  // tables; the rest of the store remains readable.
  virtual absl::StatusOr<VerifyReport> Verify() = 0;

  // Removes erased and replaced data from the disk's files and frees their
  // space.
  virtual absl::Status Compact() = 0;

  virtual absl::StatusOr<StoreStats> GetStats() = 0;

  // Returns whether the store takes writes, without I/O.
  //
  // Errors: UNAVAILABLE if the disk was full (the store tries to resume every
  // second); ABORTED if writes can only resume after the store is opened again,
  // so the process must end.
  virtual absl::Status CheckWrites() = 0;

  // Ends running calls soon, and later calls at once, until Allow.
  virtual void Cancel() = 0;
  // Permits calls again. None may be running.
  virtual void Allow() = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_STORE_MAINTENANCE_H_
