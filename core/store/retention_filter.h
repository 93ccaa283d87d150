// Compaction filters that remove data past retention when RocksDB rewrites
// tables.
#ifndef PORTRAIT_CORE_STORE_RETENTION_FILTER_H_
#define PORTRAIT_CORE_STORE_RETENTION_FILTER_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/store/retention.h"
#include "core/store/rocksdb_options.h"
#include "rocksdb/compaction_filter.h"
#include "rocksdb/db.h"

namespace portrait {

// The state of the filters. Shared with RocksDB, which may keep it after the
// database has closed. Thread-safe.
struct RetentionState {
  explicit RetentionState(Retention retention)
      : retention(std::move(retention)) {}

  const Retention retention;
  // Changes up to this sequence are deleted. It never decreases.
  std::atomic<uint64_t> erased_through = 0;

  // The database in which mappings look up their contacts; null until it is
  // open, and again while it closes.
  std::atomic<rocksdb::DB*> db = nullptr;
  std::atomic<rocksdb::ColumnFamilyHandle*> contacts = nullptr;
};

// Returns null for families whose data never expires.
std::shared_ptr<rocksdb::CompactionFilterFactory> MakeRetentionFilter(
    Family family, std::shared_ptr<RetentionState> state);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_RETENTION_FILTER_H_
