// StoreMaintenance looks after a store that serves: copies of it, its
// condition, the room it takes.
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

// A copy of the store as it was at one moment.
struct Backup {
  uint32_t id = 0;  // 1, 2, … in its folder
  absl::Time made_at;
  uint64_t bytes = 0;  // shared, as far as they are the same, with the others
  uint32_t files = 0;
};

struct DamagedFile {
  std::string name;
  std::string family;  // empty: of a backup
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
  uint64_t memory_bytes = 0;              // what is not in a table yet
  uint64_t pending_compaction_bytes = 0;  // estimated
};

struct StoreStats {
  std::vector<FamilyStats> families;
  uint64_t log_bytes = 0;
  uint64_t free_disk_bytes = 0;
  uint64_t last_sequence = 0;
  uint64_t schema_version = 0;
};

// Thread-safe. All but GetStats may take as long as reading and writing the
// whole store takes, during which it serves.
//
// Errors of every method: those of PictureStore; CANCELLED after Cancel.
class StoreMaintenance {
 public:
  virtual ~StoreMaintenance() = default;

  // Adds a backup of the store as it is now to `folder`, which is made when it
  // is missing, for its owner only. Of those in there the newest `keep` are
  // kept; 0: all. It has the sealed accounts, not the key they are sealed
  // under.
  virtual absl::StatusOr<Backup> CreateBackup(const std::string& folder,
                                              size_t keep) = 0;

  // Reads every file of every backup in `folder` and compares its checksums.
  virtual absl::StatusOr<VerifyReport> VerifyBackups(
      const std::string& folder) = 0;

  // Reads every table and compares its checksums. What is damaged is in the
  // report; the rest of the store can be read all the same.
  virtual absl::StatusOr<VerifyReport> Verify() = 0;

  // Takes what was erased or replaced off the disk, and gives its room back.
  virtual absl::Status Compact() = 0;

  virtual absl::StatusOr<StoreStats> GetStats() = 0;

  // What is under way ends soon; what is started later at once.
  virtual void Cancel() = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_STORE_MAINTENANCE_H_
