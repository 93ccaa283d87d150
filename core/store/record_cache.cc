#include "core/store/record_cache.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <numeric>
#include <string>
#include <utility>

#include "absl/hash/hash.h"

namespace portrait {
namespace {

// A low estimate, so that memory runs out before many sets are full.
constexpr size_t kRecordBytes = 256;
constexpr size_t kMallocBytes = 16;
// The most sets that are searched for evictable records to store one record.
constexpr size_t kMaxSetsPassed = 32;
// Prefetch distance within a batch: first the set, then the record.
constexpr size_t kSetsAhead = 16;
constexpr size_t kEntriesAhead = 8;
// Bytes of a record to prefetch; the hardware prefetcher fetches the rest.
constexpr size_t kPrefetchBytes = 448;
constexpr size_t kCacheLineBytes = 64;

// The lower bits choose the set. The tag is never 0, which marks an empty
// place.
uint32_t TagOf(size_t hash) { return static_cast<uint32_t>(hash >> 32) | 1; }

}  // namespace

struct RecordCache::Entry {
  uint32_t jid_bytes;
  uint32_t record_bytes;
  // The JID and the record follow the entry in memory.

  static size_t BytesFor(absl::string_view jid, absl::string_view record) {
    return sizeof(Entry) + jid.size() + record.size();
  }
  static void Delete(Entry* entry) { ::operator delete(entry); }
  static Entry* New(absl::string_view jid, absl::string_view record) {
    void* const memory = ::operator new(BytesFor(jid, record));
    auto* const entry =
        new (memory) Entry{static_cast<uint32_t>(jid.size()),
                           static_cast<uint32_t>(record.size())};
    std::memcpy(entry->text(), jid.data(), jid.size());
    std::memcpy(entry->text() + jid.size(), record.data(), record.size());
    return entry;
  }

  char* text() { return reinterpret_cast<char*>(this + 1); }
  absl::string_view jid() { return {text(), jid_bytes}; }
  absl::string_view record() { return {text() + jid_bytes, record_bytes}; }
  // The bytes that the entry takes from the cache's budget.
  size_t charge() const {
    return sizeof(Entry) + jid_bytes + record_bytes + kMallocBytes;
  }
};

RecordCache::RecordCache(size_t bytes) {
  const size_t sets = bytes / (kRecordBytes * kWays + sizeof(Set));
  if (sets < kStripes) return;
  sets_ = std::vector<Set>(sets);
  recent_ = std::vector<std::atomic<uint16_t>>(kRecent);
  room_ = bytes - sets * sizeof(Set);
  for (size_t i = 0; i < kStripes; ++i) stripes_[i].hand = i;
}

RecordCache::~RecordCache() { DropAll(); }

size_t RecordCache::WayOf(const Set& set, size_t hash, absl::string_view jid) {
  const uint32_t tag = TagOf(hash);
  for (size_t way = 0; way < kWays; ++way) {
    if (set.tags[way].load(std::memory_order_relaxed) != tag) continue;
    if (set.entries[way].load(std::memory_order_relaxed)->jid() == jid) {
      return way;
    }
  }
  return kWays;
}

std::vector<size_t> RecordCache::Find(absl::Span<const absl::string_view> jids,
                                      Use use) {
  std::vector<size_t> missing;
  if (sets_.empty()) {
    missing.resize(jids.size());
    std::iota(missing.begin(), missing.end(), 0);
    return missing;
  }
  std::vector<size_t> hashes(jids.size());
  std::transform(jids.begin(), jids.end(), hashes.begin(),
                 [](absl::string_view jid) { return absl::HashOf(jid); });
  std::string record;
  for (size_t i = 0, sets = 0, entries = 0; i < jids.size(); ++i) {
    for (; sets < std::min(i + kSetsAhead, jids.size()); ++sets) {
      PrefetchSet(SetOf(hashes[sets]));
    }
    for (; entries < std::min(i + kEntriesAhead, jids.size()); ++entries) {
      PrefetchEntry(SetOf(hashes[entries]), TagOf(hashes[entries]));
    }
    if (Copy(jids[i], hashes[i], &record)) {
      use(i, record);
    } else {
      missing.push_back(i);
    }
  }
  return missing;
}

void RecordCache::PrefetchSet(const Set& set) {
  __builtin_prefetch(set.tags.data());
  __builtin_prefetch(set.entries.data());
}

void RecordCache::PrefetchEntry(const Set& set, uint32_t tag) {
  for (size_t way = 0; way < kWays; ++way) {
    if (set.tags[way].load(std::memory_order_relaxed) != tag) continue;
    const auto* const bytes = reinterpret_cast<const char*>(
        set.entries[way].load(std::memory_order_relaxed));
    for (size_t at = 0; at < kPrefetchBytes; at += kCacheLineBytes) {
      __builtin_prefetch(bytes + at);
    }
  }
}

bool RecordCache::Copy(absl::string_view jid, size_t hash,
                       std::string* record) {
  Set& set = SetOf(hash);
  absl::MutexLock lock(&StripeOf(hash).mu);
  const size_t way = WayOf(set, hash, jid);
  if (way == kWays) return false;
  set.used[way] = true;
  const absl::string_view found = set.entries[way].load()->record();
  record->assign(found.data(), found.size());
  return true;
}

RecordCache::Stamp RecordCache::StampOf(absl::string_view jid) {
  if (sets_.empty()) return 0;
  return StripeOf(absl::HashOf(jid)).stamp.load();
}

// Also stores that the record is requested now.
bool RecordCache::WasAskedForRecently(size_t hash) {
  const uint16_t mark = static_cast<uint16_t>(hash >> 48) | 1;
  std::atomic<uint16_t>& slot = recent_[hash / kStripes % kRecent];
  return slot.exchange(mark, std::memory_order_relaxed) == mark;
}

void RecordCache::Offer(absl::string_view jid, Stamp stamp,
                        absl::string_view record) {
  if (sets_.empty()) return;
  const size_t hash = absl::HashOf(jid);
  if (!WasAskedForRecently(hash)) return;
  Stripe& stripe = StripeOf(hash);
  absl::MutexLock lock(&stripe.mu);
  if (stripe.stamp.load() != stamp) return;
  Set& set = SetOf(hash);
  // The cached record is equal or equally current.
  if (WayOf(set, hash, jid) != kWays) return;
  Entry* const entry = Entry::New(jid, record);
  MakeMemory(&stripe - stripes_.data(), entry->charge());
  if (held_ + entry->charge() > room_) {
    Entry::Delete(entry);
    return;
  }
  held_ += entry->charge();
  const size_t way = MakeWay(set);
  set.used[way] = false;
  set.entries[way] = entry;
  set.tags[way] = TagOf(hash);
}

void RecordCache::MakeMemory(size_t first_set, size_t bytes) {
  size_t& hand = stripes_[first_set].hand;
  // Makes at most one round: a record whose mark is cleared in this round may
  // be requested again before the next round.
  const size_t sets = (sets_.size() - first_set - 1) / kStripes + 1;
  for (size_t passed = 0; passed < std::min(sets, kMaxSetsPassed); ++passed) {
    Set& set = sets_[hand];
    for (size_t way = 0; way < kWays; ++way) {
      if (held_ + bytes <= room_) return;
      if (set.tags[way] == 0 || std::exchange(set.used[way], false)) continue;
      Free(set, way);
    }
    hand += kStripes;
    if (hand >= sets_.size()) hand = first_set;
  }
}

size_t RecordCache::MakeWay(Set& set) {
  const auto* const found = std::find(set.tags.begin(), set.tags.end(), 0);
  if (found != set.tags.end()) return found - set.tags.begin();
  // The loop ends, because the first round clears all marks.
  while (std::exchange(set.used[set.hand % kWays], false)) ++set.hand;
  const size_t way = set.hand++ % kWays;
  Free(set, way);
  return way;
}

void RecordCache::Free(Set& set, size_t way) {
  set.tags[way] = 0;
  Entry* const entry = set.entries[way].exchange(nullptr);
  held_ -= entry->charge();
  Entry::Delete(entry);
}

void RecordCache::Drop(absl::string_view jid) {
  if (sets_.empty()) return;
  const size_t hash = absl::HashOf(jid);
  Stripe& stripe = StripeOf(hash);
  absl::MutexLock lock(&stripe.mu);
  ++stripe.stamp;
  const size_t way = WayOf(SetOf(hash), hash, jid);
  if (way != kWays) Free(SetOf(hash), way);
}

void RecordCache::DropAll() {
  for (size_t first = 0; first < kStripes; ++first) {
    Stripe& stripe = stripes_[first];
    absl::MutexLock lock(&stripe.mu);
    ++stripe.stamp;
    for (size_t i = first; i < sets_.size(); i += kStripes) {
      for (size_t way = 0; way < kWays; ++way) {
        if (sets_[i].tags[way] != 0) Free(sets_[i], way);
      }
    }
  }
}

}  // namespace portrait
