// The open database: its column families, its schema, and writes. All RocksDB
// stores share one.
#ifndef PORTRAIT_CORE_STORE_ROCKSDB_DATABASE_H_
#define PORTRAIT_CORE_STORE_ROCKSDB_DATABASE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/store/erasure_marker.h"
#include "core/store/picture_store.h"
#include "core/store/retention_filter.h"
#include "core/store/rocksdb_options.h"
#include "rocksdb/db.h"
#include "rocksdb/listener.h"

namespace portrait {

// The schema version that this program writes, and the newest that it can read.
inline constexpr uint64_t kSchemaVersion = 3;

inline constexpr char kSchemaVersionKey[] = "schema_version";    // decimal
inline constexpr char kLastSequenceKey[] = "last_sequence";      // 8 bytes
inline constexpr char kSuppressionKeyKey[] = "suppression_key";  // 32 bytes
inline constexpr char kErasedThroughKey[] = "erased_through";    // 8 bytes
// There if the store follows a log.
inline constexpr char kIsReplicaKey[] = "is_replica";
// Followed by the name of a position in the log.
inline constexpr char kLogPositionPrefix[] = "log/";

inline rocksdb::Slice ToSlice(absl::string_view text) {
  return rocksdb::Slice(text.data(), text.size());
}
inline absl::string_view ToView(const rocksdb::Slice& slice) {
  return absl::string_view(slice.data(), slice.size());
}

// Thread-safe. The destructor closes the database.
class RocksDbDatabase {
 public:
  // Like OpenRocksDbStores. `env` must outlive the database.
  static absl::StatusOr<std::shared_ptr<RocksDbDatabase>> Open(
      const std::string& folder, const RocksDbOptions& options,
      rocksdb::Env* env);

  RocksDbDatabase(const RocksDbDatabase&) = delete;
  RocksDbDatabase& operator=(const RocksDbDatabase&) = delete;
  ~RocksDbDatabase();

  rocksdb::DB& db() { return *db_; }
  const std::string& folder() const { return folder_; }
  rocksdb::ColumnFamilyHandle* family(Family family) const {
    return families_[static_cast<size_t>(family)];
  }

  const Retention& retention() const { return retention_state_->retention; }
  const std::shared_ptr<RetentionState>& retention_state() const {
    return retention_state_;
  }
  ErasureMarker& erasures() { return erasures_; }

  // Writes all of `batch` or nothing. If the database has stopped taking writes
  // because of a full disk, and there is room again, writes are resumed first.
  // Errors say `what` was attempted.
  absl::Status Write(rocksdb::WriteBatch& batch, StoreSync sync,
                     absl::string_view what);

  // See StoreMaintenance::CheckWrites.
  absl::Status CheckWrites() const;
  // Resumes writes if they have stopped and there is room.
  absl::Status BringBack();

  // Removes erased and replaced data of these families from the disk's files:
  // first from the log, then from the tables. Ends soon after `*cancelled` is
  // set.
  absl::Status Scrub(absl::Span<const Family> families,
                     std::atomic<bool>* cancelled = nullptr);

  // Returns nothing if the key is missing.
  absl::StatusOr<std::optional<std::string>> Read(Family family,
                                                  absl::string_view key);

 private:
  RocksDbDatabase(std::string folder, const RocksDbOptions& options)
      : folder_(std::move(folder)),
        retention_state_(std::make_shared<RetentionState>(
            Retention(options.retention, options.clock))) {}

  absl::Status CheckRoom(uint64_t bytes, absl::string_view what);
  absl::Status OpenFamilies(const RocksDbOptions& options, rocksdb::Env* env);
  void FlushMemtables();
  absl::Status CheckSchema(const RocksDbOptions& options);
  absl::Status CheckReplica(const std::string& replica_key);
  absl::Status LoadErasures();

  // Defined in rocksdb_write.cc, beside Write.
  static std::shared_ptr<rocksdb::EventListener> NewErrorListener(
      std::shared_ptr<std::atomic<bool>> has_failed);
  absl::Status KeepMemtableFilled();

  const std::string folder_;
  const std::shared_ptr<RetentionState> retention_state_;
  std::unique_ptr<rocksdb::DB> db_;
  // The handles of all opened families, including the families that a newer
  // version added.
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> families_ = {};

  // True if the database has stopped taking writes. Shared with a listener,
  // which RocksDB may keep after the database has closed.
  const std::shared_ptr<std::atomic<bool>> has_failed_ =
      std::make_shared<std::atomic<bool>>(false);
  std::atomic<bool> is_lost_ = false;  // writing cannot be resumed
  absl::Mutex bring_back_mu_;          // held while writes are resumed
  absl::Time next_resume_ ABSL_GUARDED_BY(bring_back_mu_) =
      absl::InfinitePast();
  absl::Duration resume_delay_ ABSL_GUARDED_BY(bring_back_mu_);

  ErasureMarker erasures_{*this};
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_ROCKSDB_DATABASE_H_
