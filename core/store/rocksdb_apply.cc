// Apply reads the records, merges the batch in memory, and writes all effects
// in one WriteBatch.
//
// Entries are written in the order of their keys: RocksDB searches a key's
// place in the memtable from the last insertion, and this search takes most of
// the time of a write.
#include <algorithm>
#include <utility>

#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/contact/contact_key.h"
#include "core/store/change_codec.h"
#include "core/store/keys.h"
#include "core/store/rocksdb_picture_store.h"

namespace portrait {

absl::StatusOr<std::vector<ApplyResult>> RocksDbPictureStore::Apply(
    absl::Span<const Observation> observations) {
  std::vector<ApplyResult> results;
  bool has_changes = false;
  {
    absl::MutexLock lock(&writer_mu_);
    ASSIGN_OR_RETURN(BatchEffects effects,
                     MergeBatch(*this, observations, last_sequence_,
                                database_->retention().Now()));
    RETURN_IF_ERROR(AddToBatch(effects));
    if (batch_.Count() > 0) {
      const absl::Status written =
          database_->Write(batch_, sync_, "storing observations");
      for (const auto* record : effects.puts) cache_.Drop(record->jid());
      for (const std::string& jid : effects.erased) cache_.Drop(jid);
      RETURN_IF_ERROR(written);
    }
    has_changes =
        last_sequence_.exchange(effects.last_sequence) != effects.last_sequence;
    // If erasing fails now, the next observation of the contact tries again.
    for (const ObjectedJid& objected : effects.objected) {
      const auto forgotten =
          ForgetLocked(objected.jid, /*suppress=*/true, objected.other);
      if (!forgotten.ok())
        LogWarning("store: {}", forgotten.status().ToString());
    }
    results = std::move(effects.results);
  }
  if (has_changes && listener_) listener_();
  return results;
}

absl::Status RocksDbPictureStore::AddToBatch(const BatchEffects& effects) {
  batch_.Clear();
  auto records = effects.puts;
  // The sort is stable, so that of several records of a JID the last is kept.
  std::stable_sort(
      records.begin(), records.end(),
      [](const auto* a, const auto* b) { return a->jid() < b->jid(); });
  for (const store::v1::ContactRecord* record : records) AddRecord(*record);
  for (const std::string& jid : effects.erased) {
    batch_.Delete(database_->family(Family::kContacts), jid);
  }
  for (const auto& [jid, counterpart] : effects.counterparts) {
    if (counterpart.empty()) {
      batch_.Delete(database_->family(Family::kLids), jid);
    } else {
      batch_.Put(database_->family(Family::kLids), jid, counterpart);
    }
  }
  HistoryEntries history;
  for (const auto& [lid, phone] : effects.moved_histories) {
    RETURN_IF_ERROR(AddMovedHistory(lid, phone, &history));
  }
  for (const ApplyResult& result : effects.results) {
    if (!result.change.has_value()) continue;
    AddChange(*result.change, effects.HistoryOwner(result.change->jid),
              &history);
  }
  std::sort(history.begin(), history.end());
  for (const auto& [key, change] : history) {
    batch_.Put(database_->family(Family::kHistory), key, change);
  }
  if (effects.last_sequence != last_sequence_) {
    batch_.Put(database_->family(Family::kMeta), kLastSequenceKey,
               EncodeNumber(effects.last_sequence));
  }
  return absl::OkStatus();
}

void RocksDbPictureStore::AddRecord(const store::v1::ContactRecord& record) {
  // Every record needs a last use; without a check, the observation counts as
  // one.
  if (record.has_check_time() || record.used_day() != 0) {
    record.SerializeToString(&scratch_);
  } else {
    store::v1::ContactRecord used = record;
    used.set_used_day(static_cast<int32_t>(database_->retention().Today()));
    used.SerializeToString(&scratch_);
  }
  batch_.Put(database_->family(Family::kContacts), record.jid(), scratch_);
}

void RocksDbPictureStore::AddChange(const Change& change,
                                    absl::string_view owner,
                                    HistoryEntries* history) {
  std::string bytes = ToProto(change).SerializeAsString();
  batch_.Put(database_->family(Family::kChanges), ChangeKey(change.sequence),
             bytes);
  history->emplace_back(HistoryKey(owner, change.sequence), std::move(bytes));
}

// Moves the changes that were stored under a LID to its phone number.
absl::Status RocksDbPictureStore::AddMovedHistory(const std::string& lid,
                                                  const std::string& phone,
                                                  HistoryEntries* history) {
  const auto move = [&](Change change) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    batch_.Delete(database_->family(Family::kHistory),
                  HistoryKey(lid, change.sequence));
    change.jid = phone;
    change.phone_number = PhoneNumberOf(phone);
    AddChange(change, phone, history);
    return true;
  };
  return ScanHistory(lid, /*before=*/0, move);
}

}  // namespace portrait
