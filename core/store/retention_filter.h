// What RocksDB leaves out when it writes tables anew: what is past retention.
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

// What the filters know; shared with RocksDB, which keeps them as long as it
// likes. Thread-safe.
struct RetentionState {
  explicit RetentionState(Retention retention)
      : retention(std::move(retention)) {}

  const Retention retention;
  // Changes up to this sequence are gone. Only ever grows.
  std::atomic<uint64_t> erased_through = 0;

  // Where mappings find their contacts; null until the database is open and
  // when it closes.
  std::atomic<rocksdb::DB*> db = nullptr;
  std::atomic<rocksdb::ColumnFamilyHandle*> contacts = nullptr;
};

// Null for families of which nothing ever is past retention.
std::shared_ptr<rocksdb::CompactionFilterFactory> MakeRetentionFilter(
    Family family, std::shared_ptr<RetentionState> state);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_RETENTION_FILTER_H_
