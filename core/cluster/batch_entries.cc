#include "core/cluster/batch_entries.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "core/contact/contact_key.h"

namespace portrait::cluster {
namespace {

using Kind = LogEntry::Kind;

LogEntry Erased(Kind kind, const std::string& id) {
  LogEntry entry;
  entry.kind = kind;
  entry.id = id;
  entry.is_erased = true;
  return entry;
}

LogEntry LidEntry(const std::string& lid, const std::string& phone,
                  bool moves_history) {
  LogEntry entry;
  entry.kind = Kind::kLid;
  entry.id = lid;
  entry.phone_jid = phone;
  entry.moves_history = moves_history;
  return entry;
}

class EntryMaker {
 public:
  EntryMaker(const BatchEffects& effects, int32_t today)
      : effects_(effects), today_(today) {
    for (size_t i = 0; i < effects.results.size(); ++i) {
      results_[&effects.results[i].record] = i;
    }
  }

  std::vector<BatchEntry> Make() {
    // 1. Records under a LID, whose changes then move with it.
    AddRecords(/*of_moved_lids=*/true);
    // 2. The mappings.
    for (const auto& [lid, phone] : effects_.moved_histories) {
      Add(LidEntry(lid, phone, /*moves_history=*/true));
    }
    for (const auto& [jid, counterpart] : effects_.counterparts) {
      if (!IsLidKey(jid) || counterpart.empty()) continue;
      const auto moved = effects_.moved_histories.find(jid);
      if (moved == effects_.moved_histories.end() ||
          moved->second != counterpart) {
        Add(LidEntry(jid, counterpart, /*moves_history=*/false));
      }
    }
    // 3. All other records.
    AddRecords(/*of_moved_lids=*/false);
    // 4. What has gone.
    for (const std::string& jid : effects_.erased) {
      Add(Erased(Kind::kRecord, jid));
    }
    for (const auto& [jid, counterpart] : effects_.counterparts) {
      if (IsLidKey(jid) && counterpart.empty()) Add(Erased(Kind::kLid, jid));
    }
    return std::move(entries_);
  }

 private:
  void Add(LogEntry entry) { entries_.push_back({std::move(entry)}); }

  void AddRecords(bool of_moved_lids) {
    for (const store::v1::ContactRecord* record : effects_.puts) {
      if (effects_.moved_histories.contains(record->jid()) == of_moved_lids) {
        AddRecord(*record);
      }
    }
  }

  void AddRecord(const store::v1::ContactRecord& record) {
    BatchEntry& added = entries_.emplace_back();
    added.entry.kind = Kind::kRecord;
    added.entry.id = record.jid();
    added.entry.record = record;
    if (!record.has_check_time() && record.used_day() == 0) {
      added.entry.record.set_used_day(today_);
    }
    const auto result = results_.find(&record);
    if (result == results_.end()) return;
    added.entry.change = effects_.results[result->second].change;
    if (added.entry.change.has_value()) added.result = result->second;
  }

  const BatchEffects& effects_;
  const int32_t today_;
  absl::flat_hash_map<const store::v1::ContactRecord*, size_t> results_;
  std::vector<BatchEntry> entries_;
};

}  // namespace

std::vector<BatchEntry> EntriesOf(const BatchEffects& effects, int32_t today) {
  return EntryMaker(effects, today).Make();
}

std::vector<LogEntry> ErasingEntriesOf(const std::vector<std::string>& jids) {
  std::vector<LogEntry> entries;
  for (const std::string& jid : jids) {
    entries.push_back(Erased(Kind::kRecord, jid));
    if (IsLidKey(jid)) entries.push_back(Erased(Kind::kLid, jid));
  }
  return entries;
}

}  // namespace portrait::cluster
