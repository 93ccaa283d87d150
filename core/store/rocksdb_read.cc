// Read takes records from the cache, and reads the rest with one MultiGet.
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/contact/contact_key.h"
#include "core/store/rocksdb_picture_store.h"
#include "core/store/rocksdb_status.h"
#include "rocksdb/snapshot.h"

namespace portrait {
namespace {

constexpr char kReadingContacts[] = "reading from the store's contacts";

// The checksum includes the key, so that a record cannot pass for another
// contact's.
absl::StatusOr<RecordView> ReadRecord(absl::string_view bytes,
                                      absl::string_view key) {
  absl::StatusOr<RecordView> record = RecordView::Read(bytes);
  if (record.ok() && record->jid() == key) return record;
  return absl::DataLossError(
      absl::StrCat("store: the record of ", Masked(key), " is unreadable"));
}

}  // namespace

absl::Status RocksDbPictureStore::Read(absl::Span<const absl::string_view> jids,
                                       OnStored on_stored) {
  if (std::any_of(jids.begin(), jids.end(), IsLidKey)) {
    return ReadThroughLids(jids, on_stored);
  }
  // 1. Frequently read records come from the cache.
  const std::vector<size_t> missing =
      cache_.Find(jids, [&](size_t i, absl::string_view bytes) {
        const absl::StatusOr<RecordView> record = RecordView::Read(bytes);
        StoredView stored;
        stored.status = record.status();
        if (record.ok()) stored.record = &*record;
        on_stored(i, stored);
      });
  // 2. The rest comes from RocksDB.
  std::vector<absl::string_view> keys;
  std::vector<RecordCache::Stamp> stamps;
  for (const size_t i : missing) {
    keys.push_back(jids[i]);
    stamps.push_back(cache_.StampOf(jids[i]));
  }
  return ReadKeys(rocksdb::ReadOptions(), keys, keys,
                  [&](size_t i, const StoredView& stored) {
                    if (stored.record != nullptr) {
                      cache_.Offer(keys[i], stamps[i], stored.record->bytes());
                    }
                    on_stored(missing[i], stored);
                  });
}

// Between the reads of a LID's mapping and of the record, the record may move
// from the LID to the phone number, so both are read from one snapshot.
absl::Status RocksDbPictureStore::ReadThroughLids(
    absl::Span<const absl::string_view> jids, OnStored on_stored) {
  rocksdb::ManagedSnapshot snapshot(&database_->db());
  rocksdb::ReadOptions options;
  options.snapshot = snapshot.snapshot();
  ASSIGN_OR_RETURN(const std::vector<std::string> phones,
                   CounterpartsAt(options, jids));
  std::vector<absl::string_view> keys(jids.begin(), jids.end());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (IsLidKey(keys[i]) && !phones[i].empty()) keys[i] = phones[i];
  }
  return ReadKeys(options, jids, keys, on_stored);
}

absl::Status RocksDbPictureStore::ReadKeys(
    const rocksdb::ReadOptions& options,
    absl::Span<const absl::string_view> jids,
    absl::Span<const absl::string_view> keys, OnStored on_stored) {
  if (keys.empty()) return absl::OkStatus();
  std::vector<rocksdb::Slice> slices(keys.size());
  std::transform(keys.begin(), keys.end(), slices.begin(), ToSlice);
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  rocksdb::ColumnFamilyHandle* const family =
      database_->family(Family::kContacts);
  if (keys.size() == 1) {
    // MultiGet's preparation would double the cost of a single key.
    statuses[0] =
        database_->db().Get(options, family, slices[0], values.data());
  } else {
    database_->db().MultiGet(options, family, keys.size(), slices.data(),
                             values.data(), statuses.data());
  }
  for (const rocksdb::Status& status : statuses) {
    if (status.ok() || status.IsNotFound() || status.IsCorruption()) continue;
    return FromRocksDb(status, kReadingContacts);
  }
  // Suppressions are read before the first callback, because a failure here
  // fails the whole call.
  ASSIGN_OR_RETURN(const std::vector<bool> suppressed,
                   SuppressedAmong(jids, statuses));
  for (size_t i = 0; i < keys.size(); ++i) {
    StoredView stored;
    stored.suppressed = suppressed[i];
    absl::StatusOr<RecordView> record;
    if (statuses[i].ok()) {
      record = ReadRecord(ToView(values[i]), keys[i]);
      stored.status = record.status();
      if (record.ok()) stored.record = &*record;
    } else if (!statuses[i].IsNotFound()) {
      stored.status = FromRocksDb(statuses[i], kReadingContacts);
    }
    on_stored(i, stored);
  }
  return absl::OkStatus();
}

// A contact that objected has no record, so only contacts without a record are
// checked.
absl::StatusOr<std::vector<bool>> RocksDbPictureStore::SuppressedAmong(
    absl::Span<const absl::string_view> jids,
    absl::Span<const rocksdb::Status> statuses) {
  std::vector<bool> suppressed(jids.size());
  if (!has_suppressed_) return suppressed;
  std::vector<size_t> missing;
  std::vector<absl::string_view> missing_jids;
  for (size_t i = 0; i < jids.size(); ++i) {
    if (!statuses[i].IsNotFound()) continue;
    missing.push_back(i);
    missing_jids.push_back(jids[i]);
  }
  ASSIGN_OR_RETURN(const std::vector<bool> found, ReadSuppressed(missing_jids));
  for (size_t i = 0; i < missing.size(); ++i) suppressed[missing[i]] = found[i];
  return suppressed;
}

std::vector<FamilySize> RocksDbPictureStore::Sizes() const {
  std::vector<FamilySize> sizes;
  for (size_t i = 0; i < kFamilies; ++i) {
    const Family family = static_cast<Family>(i);
    uint64_t tables = 0, memory = 0;
    database_->db().GetIntProperty(database_->family(family),
                                   rocksdb::DB::Properties::kLiveSstFilesSize,
                                   &tables);
    database_->db().GetIntProperty(database_->family(family),
                                   rocksdb::DB::Properties::kSizeAllMemTables,
                                   &memory);
    sizes.push_back({FamilyName(family), tables + memory});
  }
  return sizes;
}

}  // namespace portrait
