#include "core/store/rocksdb_options.h"

#include <algorithm>
#include <thread>

#include "rocksdb/filter_policy.h"
#include "rocksdb/slice_transform.h"
#include "rocksdb/statistics.h"
#include "rocksdb/table.h"

namespace portrait {
namespace {

constexpr size_t kMiB = 1024 * 1024;

// Memtable size of the families that every lookup writes to. The search for a
// key's place takes most of the time of a write, and is faster if the memtable
// fits into the processor's cache; several small memtables are flushed into one
// table.
constexpr size_t kLargeWriteBufferBytes = 16 * kMiB;
constexpr int kLargeWriteBuffersInTable = 4;
constexpr int kLargeWriteBuffers = 2 * kLargeWriteBuffersInTable;
constexpr size_t kSmallWriteBufferBytes = 4 * kMiB;
// The maximum amount of log to replay when the database opens after a crash.
// RocksDB's default is four times the size of all memtables, and a rarely
// written family would keep all of that log.
constexpr size_t kMaxWalBytes = 256 * kMiB;
// The write rate while compaction lags behind; the default of 16 MiB/s is an
// eighth of the disk's write rate.
constexpr size_t kDelayedWriteBytesPerSecond = 128 * kMiB;
constexpr size_t kSstBytesPerSync = 1 * kMiB;
constexpr size_t kInfoLogBytes = 4 * kMiB;
constexpr size_t kInfoLogs = 2;
constexpr int kBloomBitsPerKey = 10;
// The filter's share of a memtable's size: about 60 bits per record.
constexpr double kMemtableFilterShare = 0.02;
constexpr int kFormatVersion = 5;
constexpr unsigned kMaxBackgroundJobs = 4;

bool IsLarge(Family family) {
  switch (family) {
    case Family::kContacts:
    case Family::kChanges:
    case Family::kHistory:
    case Family::kLids:
      return true;
    case Family::kSessions:
    case Family::kAccess:
    case Family::kSuppressed:
    case Family::kMeta:
    case Family::kImages:
      return false;
  }
  return false;
}

// Whether the family is only read in order. Lookups of missing keys do not
// occur, so a filter would not help.
bool IsScanned(Family family) {
  return family == Family::kChanges || family == Family::kHistory;
}

}  // namespace

const char* FamilyName(Family family) {
  switch (family) {
    case Family::kContacts:
      return "contacts";
    case Family::kChanges:
      return "changes";
    case Family::kHistory:
      return "history";
    case Family::kLids:
      return "lids";
    case Family::kSessions:
      return "sessions";
    case Family::kAccess:
      return "access";
    case Family::kSuppressed:
      return "suppressed";
    case Family::kMeta:
      return "meta";
    case Family::kImages:
      return "images";
  }
  return "";
}

rocksdb::DBOptions MakeDbOptions(rocksdb::Env* env) {
  rocksdb::DBOptions options;
  options.env = env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_total_wal_size = kMaxWalBytes;
  options.delayed_write_rate = kDelayedWriteBytesPerSecond;
  options.bytes_per_sync = kSstBytesPerSync;
  options.max_background_jobs = static_cast<int>(
      std::clamp(std::thread::hardware_concurrency(), 2u, kMaxBackgroundJobs));
  // A kill leaves a log whose last record is incomplete. Any other damage of
  // the log fails the opening; RocksDB's default would silently drop all later
  // writes.
  options.wal_recovery_mode =
      rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // A missing log fails the opening, too.
  options.track_and_verify_wals_in_manifest = true;
  // The log has all data that is not in a table yet.
  options.avoid_flush_during_shutdown = true;

  // The manifest names the first and last key of each table. It is rewritten
  // whenever the tables change, so that it does not keep keys of deleted
  // tables.
  options.max_manifest_file_size = 1;
  // Backups contain the tables, and must not disclose the machine's name.
  options.db_host_id = "";

  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.max_log_file_size = kInfoLogBytes;
  options.keep_log_file_num = kInfoLogs;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.statistics = rocksdb::CreateDBStatistics();
  options.statistics->set_stats_level(
      rocksdb::StatsLevel::kExceptHistogramOrTimers);
  return options;
}

rocksdb::ColumnFamilyOptions MakeFamilyOptions(
    Family family, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.format_version = kFormatVersion;
  if (!IsScanned(family)) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
    table.data_block_index_type =
        rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  }

  rocksdb::ColumnFamilyOptions options;
  if (!IsScanned(family)) {
    // Each new contact is first searched in the memtable, where the filter
    // helps.
    options.memtable_whole_key_filtering = true;
    options.memtable_prefix_bloom_size_ratio = kMemtableFilterShare;
  }
  // The search for a key's place starts at the last insertion, because batches
  // are written in the order of their keys.
  options.memtable_insert_with_hint_prefix_extractor.reset(
      rocksdb::NewFixedPrefixTransform(0));
  options.compression = rocksdb::kLZ4Compression;
  options.level_compaction_dynamic_level_bytes = true;
  if (IsLarge(family)) {
    options.write_buffer_size = kLargeWriteBufferBytes;
    options.min_write_buffer_number_to_merge = kLargeWriteBuffersInTable;
    options.max_write_buffer_number = kLargeWriteBuffers;
  } else {
    options.write_buffer_size = kSmallWriteBufferBytes;
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace portrait
