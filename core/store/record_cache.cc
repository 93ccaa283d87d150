#include "core/store/record_cache.h"

#include <string>

#include "absl/hash/hash.h"
#include "core/store/rocksdb_database.h"

namespace portrait {
namespace {

// Beside the bytes of key and record: the cache's own entry, and the string.
constexpr size_t kEntryOverheadBytes = 128;
constexpr int kShardBits = 4;

size_t HashOf(absl::string_view jid) { return absl::HashOf(jid); }

void DeleteRecord(const rocksdb::Slice& /*key*/, void* record) {
  delete static_cast<std::string*>(record);
}

}  // namespace

RecordCache::RecordCache(size_t bytes)
    : cache_(bytes == 0 ? nullptr : rocksdb::NewLRUCache(bytes, kShardBits)),
      recent_(bytes == 0 ? 0 : kRecent) {}

bool RecordCache::Find(absl::string_view jid, Use use) {
  if (cache_ == nullptr) return false;
  rocksdb::Cache::Handle* const found = cache_->Lookup(ToSlice(jid));
  if (found == nullptr) return false;
  use(*static_cast<const std::string*>(cache_->Value(found)));
  cache_->Release(found);
  return true;
}

RecordCache::Stamp RecordCache::StampOf(absl::string_view jid) {
  if (cache_ == nullptr) return 0;
  return stripes_[HashOf(jid) % kStripes].stamp.load();
}

// Takes it that it was asked for now.
bool RecordCache::WasAskedForRecently(size_t hash) {
  const uint16_t mark = static_cast<uint16_t>(hash >> 48) | 1;
  std::atomic<uint16_t>& slot = recent_[hash / kStripes % kRecent];
  return slot.exchange(mark, std::memory_order_relaxed) == mark;
}

void RecordCache::Offer(absl::string_view jid, Stamp stamp,
                        absl::string_view record) {
  if (cache_ == nullptr) return;
  const size_t hash = HashOf(jid);
  if (!WasAskedForRecently(hash)) return;
  Stripe& stripe = stripes_[hash % kStripes];
  absl::MutexLock lock(&stripe.mu);
  if (stripe.stamp.load() != stamp) return;
  auto kept = std::make_unique<std::string>(record);
  const size_t charge = jid.size() + record.size() + kEntryOverheadBytes;
  // The cache deletes it, also when it does not take it.
  cache_->Insert(ToSlice(jid), kept.release(), charge, &DeleteRecord)
      .PermitUncheckedError();
}

void RecordCache::Drop(absl::string_view jid) {
  if (cache_ == nullptr) return;
  Stripe& stripe = stripes_[HashOf(jid) % kStripes];
  absl::MutexLock lock(&stripe.mu);
  ++stripe.stamp;
  cache_->Erase(ToSlice(jid));
}

void RecordCache::DropAll() {
  if (cache_ == nullptr) return;
  for (Stripe& stripe : stripes_) {
    absl::MutexLock lock(&stripe.mu);
    ++stripe.stamp;
  }
  // What is being read just now stays, as if it were asked for once more.
  cache_->EraseUnRefEntries();
}

}  // namespace portrait
