// How a RocksDB store is opened.
#ifndef PORTRAIT_CORE_STORE_STORE_OPTIONS_H_
#define PORTRAIT_CORE_STORE_STORE_OPTIONS_H_

#include <cstddef>
#include <string>

#include "absl/time/time.h"
#include "core/base/clock.h"

namespace portrait {

enum class StoreSync {
  kBatch,  // each Apply reaches the disk before it returns
  kNone,   // survives a crash of the process, not of the machine
};

struct RocksDbOptions {
  StoreSync sync = StoreSync::kBatch;
  size_t block_cache_bytes = 256 * 1024 * 1024;
  // Memory for frequently read records, in front of RocksDB; 0: no cache.
  size_t record_cache_bytes = 64 * 1024 * 1024;
  // The time for which unused contacts are kept; see core/store/retention.h.
  absl::Duration retention = absl::InfiniteDuration();
  Clock clock = SystemClock();
  // The suppression key of a store that follows a log (core/store/replica.h);
  // empty: the store follows none.
  std::string replica_key = {};
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_STORE_OPTIONS_H_
