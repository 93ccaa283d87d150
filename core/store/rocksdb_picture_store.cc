#include "core/store/rocksdb_picture_store.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/contact/contact_key.h"
#include "core/store/change_codec.h"
#include "core/store/keys.h"
#include "core/store/last_use.h"
#include "core/store/rocksdb_status.h"

namespace portrait {
namespace {

using store::v1::ContactRecord;

// The checksum includes the key, so that a record cannot pass for another
// contact's.
absl::Status ParseRecord(absl::string_view value, absl::string_view jid,
                         ContactRecord& record) {
  if (record.ParseFromArray(value.data(), static_cast<int>(value.size())) &&
      record.jid() == jid) {
    return absl::OkStatus();
  }
  return absl::DataLossError(
      absl::StrCat("store: the record of ", Masked(jid), " is unreadable"));
}

absl::StatusOr<Change> ParseChange(const rocksdb::Slice& value) {
  v1::ProfilePictureChange proto;
  if (!proto.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return absl::DataLossError("store: a change is unreadable");
  }
  return FromProto(proto);
}

}  // namespace

RocksDbPictureStore::RocksDbPictureStore(
    std::shared_ptr<RocksDbDatabase> database, const RocksDbOptions& options,
    absl::string_view suppression_key)
    : database_(std::move(database)),
      sync_(options.sync),
      hasher_(suppression_key),
      cache_(options.record_cache_bytes) {}

void RocksDbPictureStore::SetChangeListener(std::function<void()> listener) {
  listener_ = std::move(listener);
}

absl::StatusOr<std::unique_ptr<RocksDbPictureStore>> RocksDbPictureStore::Make(
    std::shared_ptr<RocksDbDatabase> database, const RocksDbOptions& options) {
  ASSIGN_OR_RETURN(const std::optional<std::string> key,
                   database->Read(Family::kMeta, kSuppressionKeyKey));
  if (!key.has_value() || key->size() != kSuppressionKeyBytes) {
    return absl::DataLossError("store: its suppression key is missing");
  }
  auto store = absl::WrapUnique(
      new RocksDbPictureStore(std::move(database), options, *key));
  RETURN_IF_ERROR(store->Load());
  return store;
}

absl::Status RocksDbPictureStore::Load() {
  ASSIGN_OR_RETURN(const std::optional<std::string> sequence,
                   database_->Read(Family::kMeta, kLastSequenceKey));
  if (sequence.has_value()) {
    const std::optional<uint64_t> number = DecodeNumber(*sequence);
    if (!number.has_value()) {
      return absl::DataLossError("store: its last sequence is unreadable");
    }
    last_sequence_ = *number;
  }
  const std::unique_ptr<rocksdb::Iterator> suppressed(
      database_->db().NewIterator(rocksdb::ReadOptions(),
                                  database_->family(Family::kSuppressed)));
  suppressed->SeekToFirst();
  has_suppressed_ = suppressed->Valid();
  return FromRocksDb(suppressed->status(), "reading the objections");
}

absl::Status RocksDbPictureStore::MultiGet(
    const rocksdb::ReadOptions& options, Family family,
    absl::Span<const absl::string_view> keys, OnFound on_found) const {
  if (keys.empty()) return absl::OkStatus();
  std::vector<rocksdb::Slice> slices;
  slices.reserve(keys.size());
  for (const absl::string_view key : keys) slices.push_back(ToSlice(key));
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  database_->db().MultiGet(options, database_->family(family), keys.size(),
                           slices.data(), values.data(), statuses.data());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    if (!statuses[i].ok()) {
      return FromRocksDb(statuses[i], absl::StrCat("reading from the store's ",
                                                   FamilyName(family)));
    }
    RETURN_IF_ERROR(on_found(i, ToView(values[i])));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::optional<ContactRecord>>>
RocksDbPictureStore::ReadRecords(absl::Span<const absl::string_view> jids) {
  std::vector<std::optional<ContactRecord>> records(jids.size());
  const int64_t today = database_->retention().Today();
  const int64_t first_kept_day = database_->retention().FirstKeptDay();
  RETURN_IF_ERROR(
      MultiGet(rocksdb::ReadOptions(), Family::kContacts, jids,
               [&](size_t i, absl::string_view value) {
                 ContactRecord& record = records[i].emplace();
                 RETURN_IF_ERROR(ParseRecord(value, jids[i], record));
                 if (IsPast(KnownLastUse(record, today), first_kept_day)) {
                   records[i].reset();
                 }
                 return absl::OkStatus();
               }));
  return records;
}

absl::StatusOr<std::vector<std::string>> RocksDbPictureStore::ReadCounterparts(
    absl::Span<const absl::string_view> jids) {
  return CounterpartsAt(rocksdb::ReadOptions(), jids);
}

absl::StatusOr<std::vector<std::string>> RocksDbPictureStore::CounterpartsAt(
    const rocksdb::ReadOptions& options,
    absl::Span<const absl::string_view> jids) const {
  std::vector<std::string> counterparts(jids.size());
  RETURN_IF_ERROR(MultiGet(options, Family::kLids, jids,
                           [&](size_t i, absl::string_view value) {
                             counterparts[i].assign(value.data(), value.size());
                             return absl::OkStatus();
                           }));
  return counterparts;
}

absl::StatusOr<std::vector<bool>> RocksDbPictureStore::ReadSuppressed(
    absl::Span<const absl::string_view> jids) {
  std::vector<std::string> hashes;
  hashes.reserve(jids.size());
  for (const absl::string_view jid : jids) hashes.push_back(hasher_.Hash(jid));
  const std::vector<absl::string_view> keys(hashes.begin(), hashes.end());
  std::vector<bool> suppressed(jids.size());
  RETURN_IF_ERROR(MultiGet(rocksdb::ReadOptions(), Family::kSuppressed, keys,
                           [&](size_t i, absl::string_view) {
                             suppressed[i] = true;
                             return absl::OkStatus();
                           }));
  return suppressed;
}

absl::StatusOr<std::vector<Change>> RocksDbPictureStore::ReadChanges(
    uint64_t after, size_t limit) {
  std::vector<Change> changes;
  if (after >= last_sequence_) return changes;
  const uint64_t erased_through = database_->retention_state()->erased_through;
  if (after > 0 && after < erased_through) {
    return absl::OutOfRangeError(absl::StrCat(
        "the changes after ", after, " up to ", erased_through,
        " are no longer stored, because their retention has ended; start with "
        "the first stored change, or with the next one"));
  }
  after = std::max(after, erased_through);
  const std::unique_ptr<rocksdb::Iterator> entry(database_->db().NewIterator(
      rocksdb::ReadOptions(), database_->family(Family::kChanges)));
  // Forgotten contacts leave gaps in the sequences.
  for (entry->Seek(ChangeKey(after + 1));
       entry->Valid() && changes.size() < limit; entry->Next()) {
    ASSIGN_OR_RETURN(changes.emplace_back(), ParseChange(entry->value()));
  }
  RETURN_IF_ERROR(FromRocksDb(entry->status(), "reading changes"));
  return changes;
}

absl::StatusOr<std::vector<Change>> RocksDbPictureStore::ReadHistory(
    absl::string_view jid, uint64_t before, size_t limit) {
  std::vector<Change> changes;
  if (limit == 0) return changes;
  ASSIGN_OR_RETURN(const std::vector<std::string> counterparts,
                   ReadCounterparts({jid}));
  const bool is_known_lid = IsLidKey(jid) && !counterparts[0].empty();
  const uint64_t erased_through = database_->retention_state()->erased_through;
  RETURN_IF_ERROR(ScanHistory(is_known_lid ? counterparts[0] : jid, before,
                              [&](Change change) {
                                if (change.sequence <= erased_through) {
                                  return false;
                                }
                                changes.push_back(std::move(change));
                                return changes.size() < limit;
                              }));
  return changes;
}

absl::Status RocksDbPictureStore::ScanHistory(
    absl::string_view jid, uint64_t before,
    absl::FunctionRef<bool(Change)> on_change) const {
  const std::string prefix = HistoryPrefix(jid);
  const std::unique_ptr<rocksdb::Iterator> entry(database_->db().NewIterator(
      rocksdb::ReadOptions(), database_->family(Family::kHistory)));
  for (entry->Seek(before == 0 ? prefix : HistoryKey(jid, before - 1));
       entry->Valid() && entry->key().starts_with(prefix); entry->Next()) {
    ASSIGN_OR_RETURN(Change change, ParseChange(entry->value()));
    if (!on_change(std::move(change))) break;
  }
  return FromRocksDb(entry->status(), "reading a contact's changes");
}

}  // namespace portrait
