// RecordCache holds the serialized records that are asked for again and again,
// so that RocksDB need not be: finding one here takes a tenth of the time.
//
// It is a table of sets, as processors have: a record is in one of the eight
// places of the set that its JID's hash names, or not here. The table never
// moves, so that a batch can call for the memory of what it will look at before
// it looks: waiting for memory is what finding takes, and it waits for many at
// once.
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
// Never holds what is no longer stored: who reads a record takes a stamp
// before, and Offer refuses what was read before the last Drop of that record.
// Who writes a record drops it once it is written.
class RecordCache {
 public:
  // Holds up to `bytes`, its own table included; below a MiB: nothing.
  explicit RecordCache(size_t bytes);
  ~RecordCache();
  RecordCache(const RecordCache&) = delete;
  RecordCache& operator=(const RecordCache&) = delete;

  using Use = absl::FunctionRef<void(size_t index, absl::string_view record)>;
  using Stamp = uint32_t;

  // Calls `use` with the index and the record of each of `jids` that is here,
  // in order, holding no lock; returns the indices of the others.
  std::vector<size_t> Find(absl::Span<const absl::string_view> jids, Use use);

  Stamp StampOf(absl::string_view jid);
  // Keeps a record that was read after its `stamp` was taken, if it was asked
  // for not long ago: one that is read once would only push others out.
  void Offer(absl::string_view jid, Stamp stamp, absl::string_view record);
  void Drop(absl::string_view jid);
  void DropAll();

 private:
  static constexpr size_t kWays = 8;
  // A record with its JID, in one piece of memory.
  struct Entry;
  // Changed and followed under its stripe's lock. Without it, what stands here
  // is read to call for memory, never to follow it.
  struct alignas(128) Set {
    std::array<std::atomic<uint32_t>, kWays> tags = {};  // 0: nothing is here
    std::array<std::atomic<Entry*>, kWays> entries = {};
    std::array<bool, kWays> used = {};  // since it was last passed over
    uint8_t hand = 0;                   // the way that may have to go next
  };
  // The lock of every kStripes-th set.
  struct alignas(64) Stripe {
    absl::Mutex mu;
    std::atomic<Stamp> stamp = 0;  // changes with every Drop, under `mu`
    size_t hand = 0;               // the set that is looked at next for memory
  };
  static constexpr size_t kStripes = 256;
  // What was asked for and is not here: 16 bits of each hash.
  static constexpr size_t kRecent = 1 << 19;

  Set& SetOf(size_t hash) { return sets_[hash % sets_.size()]; }
  Stripe& StripeOf(size_t hash) {
    return stripes_[hash % sets_.size() % kStripes];
  }
  bool WasAskedForRecently(size_t hash);
  // The way of `set` that has the JID; kWays: none.
  static size_t WayOf(const Set& set, size_t hash, absl::string_view jid);
  static void PrefetchSet(const Set& set);
  static void PrefetchEntry(const Set& set, uint32_t tag);
  // False: it is not here.
  bool Copy(absl::string_view jid, size_t hash, std::string* record);
  // Evicts records of a stripe that were not used recently, until there is room
  // for `bytes` or many recently used records were skipped.
  void MakeMemory(size_t first_set, size_t bytes);
  // A free way of `set`, after what was not used of late had to go.
  size_t MakeWay(Set& set);
  void Free(Set& set, size_t way);

  size_t room_ = 0;  // bytes of entries that may be held
  std::atomic<size_t> held_ = 0;
  std::vector<Set> sets_;  // none: nothing is held
  std::array<Stripe, kStripes> stripes_;
  std::vector<std::atomic<uint16_t>> recent_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_RECORD_CACHE_H_
