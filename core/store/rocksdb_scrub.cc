// Scrub: what is erased stays on the disk until the log and the tables that
// have it are written anew, which RocksDB does when it suits it.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/store/rocksdb_database.h"
#include "core/store/rocksdb_status.h"

namespace portrait {
namespace {

constexpr char kScrubTimeKey[] = "scrub_time";
// RocksDB compacts a large family in pieces; files that a piece replaces go
// when it is done.
constexpr uint64_t kMostCompactedBytes = uint64_t{2} << 30;
constexpr uint64_t kSpareBytes = 64 << 20;

}  // namespace

absl::Status RocksDbDatabase::Scrub(absl::Span<const Family> families,
                                    std::atomic<bool>* cancelled) {
  // A compaction that finds the disk full makes the database stop writing.
  uint64_t largest = 0;
  for (const Family family : families) {
    uint64_t bytes = 0;
    db_->GetIntProperty(this->family(family),
                        rocksdb::DB::Properties::kTotalSstFilesSize, &bytes);
    largest = std::max(largest, bytes);
  }
  RETURN_IF_ERROR(CheckRoom(
      std::min(largest, kMostCompactedBytes) + kSpareBytes, "compacting"));
  // 1. The log is of all families, and goes when none of them needs it.
  RETURN_IF_ERROR(FromRocksDb(db_->Flush(rocksdb::FlushOptions(), handles_),
                              "writing the log's entries to tables"));
  // 2. Tables that are at the bottom already, too.
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForceOptimized;
  options.canceled = cancelled;
  for (const Family family : families) {
    RETURN_IF_ERROR(FromRocksDb(
        db_->CompactRange(options, this->family(family), nullptr, nullptr),
        absl::StrCat("compacting ", FamilyName(family))));
  }
  // 3. The manifest, which names the first and last key of each table, is begun
  // anew with each change of tables, from how they were before it: one more.
  rocksdb::WriteBatch batch;
  batch.Put(this->family(Family::kMeta), kScrubTimeKey,
            absl::FormatTime(retention().Now(), absl::UTCTimeZone()));
  RETURN_IF_ERROR(Write(batch, StoreSync::kNone, "noting the scrub"));
  return FromRocksDb(
      db_->Flush(rocksdb::FlushOptions(), this->family(Family::kMeta)),
      "writing the store's manifest anew");
}

}  // namespace portrait
