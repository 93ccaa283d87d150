// Scrub rewrites the log and the tables that still contain erased data. Without
// it, RocksDB does so at an indefinite time.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/store/rocksdb_database.h"
#include "core/store/rocksdb_status.h"

namespace portrait {
namespace {

constexpr char kScrubTimeKey[] = "scrub_time";
// The most extra disk space that compacting a family needs: RocksDB divides a
// large family into several compactions, and each deletes its old files.
constexpr uint64_t kMostCompactedBytes = uint64_t{2} << 30;
constexpr uint64_t kSpareBytes = 64 << 20;

}  // namespace

absl::Status RocksDbDatabase::Scrub(absl::Span<const Family> families,
                                    std::atomic<bool>* cancelled) {
  // If a compaction finds the disk full, the database stops taking writes.
  uint64_t largest = 0;
  for (const Family family : families) {
    uint64_t bytes = 0;
    db_->GetIntProperty(this->family(family),
                        rocksdb::DB::Properties::kTotalSstFilesSize, &bytes);
    largest = std::max(largest, bytes);
  }
  RETURN_IF_ERROR(CheckRoom(
      std::min(largest, kMostCompactedBytes) + kSpareBytes, "compacting"));
  // 1. All families share the log, which is deleted when no family needs it.
  RETURN_IF_ERROR(FromRocksDb(db_->Flush(rocksdb::FlushOptions(), handles_),
                              "writing the log's entries to tables"));
  // 2. The tables, including those on the lowest level.
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
  // 3. The manifest names the first and last key of each table. Each change of
  // tables rewrites it from the tables before the change, so one more change is
  // needed.
  rocksdb::WriteBatch batch;
  batch.Put(this->family(Family::kMeta), kScrubTimeKey,
            absl::FormatTime(retention().Now(), absl::UTCTimeZone()));
  RETURN_IF_ERROR(Write(batch, StoreSync::kNone, "recording the scrub"));
  return FromRocksDb(
      db_->Flush(rocksdb::FlushOptions(), this->family(Family::kMeta)),
      "rewriting the store's manifest");
}

}  // namespace portrait
