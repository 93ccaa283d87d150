// RecordCache holds frequently read serialized records: a hit takes a tenth of
// the time of a RocksDB read.
//
// It is a set-associative table, as in processors: a record is in one of the
// eight places of the set that its JID's hash selects, or not in the cache. The
// table never moves, so that a batch can prefetch the memory of its records. A
// lookup is bound by memory latency, and prefetching overlaps the latencies.
#ifndef PORTRAIT_CORE_STORE_RECORD_CACHE_H_
#define PORTRAIT_CORE_STORE_RECORD_CACHE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"

namespace portrait {

// Thread-safe.
//
// Never holds a record that is no longer stored: a reader takes a stamp before
// it reads a record, and Offer refuses a record read before the last Drop of
// it. A writer drops the record after writing it.
class RecordCache {
 public:
  // Holds up to `bytes`, including its own table; below one MiB it holds
  // nothing.
  explicit RecordCache(size_t bytes);
  ~RecordCache();
  RecordCache(const RecordCache&) = delete;
  RecordCache& operator=(const RecordCache&) = delete;

  using Use = absl::FunctionRef<void(size_t index, absl::string_view record)>;
  using Stamp = uint32_t;

  // Calls `use` with the index and the record of each cached one of `jids`, in
  // order and without a lock; returns the indices of the others.
  std::vector<size_t> Find(absl::Span<const absl::string_view> jids, Use use);

  Stamp StampOf(absl::string_view jid);
  // Caches a record that was read after its `stamp` was taken, if it was also
  // requested recently: a record that is read only once would evict others in
  // vain.
  void Offer(absl::string_view jid, Stamp stamp, absl::string_view record);
  void Drop(absl::string_view jid);
  void DropAll();

 private:
  static constexpr size_t kWays = 8;
  // A record and its JID in one block of memory.
  struct Entry;
  // Entries are changed and dereferenced under the stripe's lock only. Without
  // it, an entry's address may be read for prefetching.
  struct alignas(128) Set {
    // 0: the place is empty.
    std::array<std::atomic<uint32_t>, kWays> tags = {};
    std::array<std::atomic<Entry*>, kWays> entries = {};
    std::array<bool, kWays> used = {};  // since the place was last passed over
    uint8_t hand = 0;                   // the next place to evict
  };
  // The lock of a stripe: every kStripes-th set.
  struct alignas(64) Stripe {
    absl::Mutex mu;
    std::atomic<Stamp> stamp = 0;  // changes with every Drop, under `mu`
    size_t hand = 0;  // the next set to search for evictable records
  };
  static constexpr size_t kStripes = 256;
  // Recently requested records that missed: 16 bits of each hash.
  static constexpr size_t kRecent = 1 << 19;

  Set& SetOf(size_t hash) { return sets_[hash % sets_.size()]; }
  Stripe& StripeOf(size_t hash) {
    return stripes_[hash % sets_.size() % kStripes];
  }
  bool WasAskedForRecently(size_t hash);
  // The place within `set` that has the JID; kWays if no place has it.
  static size_t WayOf(const Set& set, size_t hash, absl::string_view jid);
  static void PrefetchSet(const Set& set);
  static void PrefetchEntry(const Set& set, uint32_t tag);
  // Returns false if the record is not cached.
  bool Copy(absl::string_view jid, size_t hash, std::string* record);
  // Evicts records of a stripe that were not used recently, until there is room
  // for `bytes` or many recently used records were skipped.
  void MakeMemory(size_t first_set, size_t bytes);
  // Returns a free place in `set`; evicts a record that was not used recently
  // if necessary.
  size_t MakeWay(Set& set);
  void Free(Set& set, size_t way);

  size_t room_ = 0;  // budget in bytes for entries
  std::atomic<size_t> held_ = 0;
  std::vector<Set> sets_;  // empty: the cache holds nothing
  std::array<Stripe, kStripes> stripes_;
  std::vector<std::atomic<uint16_t>> recent_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_RECORD_CACHE_H_
