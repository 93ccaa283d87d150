// RecordCache holds the serialized records that are asked for again and again,
// so that RocksDB need not be: finding one here takes a tenth of the time.
#ifndef PORTRAIT_CORE_STORE_RECORD_CACHE_H_
#define PORTRAIT_CORE_STORE_RECORD_CACHE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "rocksdb/cache.h"

namespace portrait {

// Thread-safe.
//
// Never holds what is no longer stored: who reads a record takes a stamp
// before, and Offer refuses what was read before the last Drop of that record.
// Who writes a record drops it once it is written.
class RecordCache {
 public:
  // Holds up to `bytes`; 0: nothing.
  explicit RecordCache(size_t bytes);

  using Use = absl::FunctionRef<void(absl::string_view record)>;
  using Stamp = uint32_t;

  // Calls `use` with the record of `jid`; false: it is not here.
  bool Find(absl::string_view jid, Use use);

  Stamp StampOf(absl::string_view jid);
  // Keeps a record that was read after its `stamp` was taken, if it was asked
  // for not long ago: one that is read once would only push others out.
  void Offer(absl::string_view jid, Stamp stamp, absl::string_view record);
  void Drop(absl::string_view jid);
  void DropAll();

 private:
  // Of all JIDs with the same hash, as far as the table tells hashes apart.
  struct alignas(64) Stripe {
    absl::Mutex mu;
    std::atomic<Stamp> stamp = 0;  // changes with every Drop, under `mu`
  };
  static constexpr size_t kStripes = 256;
  // What was asked for and is not here: 16 bits of each hash.
  static constexpr size_t kRecent = 1 << 19;

  bool WasAskedForRecently(size_t hash);

  const std::shared_ptr<rocksdb::Cache> cache_;  // null: nothing is held
  std::array<Stripe, kStripes> stripes_;
  std::vector<std::atomic<uint16_t>> recent_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_RECORD_CACHE_H_
