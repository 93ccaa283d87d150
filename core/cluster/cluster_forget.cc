// The operations of ClusterPictureStore on who asked about a contact, and on
// contacts that are forgotten.
#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "core/base/status_macros.h"
#include "core/cluster/batch_entries.h"
#include "core/cluster/cluster_picture_store.h"
#include "core/contact/contact_key.h"
#include "core/store/objections.h"
#include "core/store/ties.h"

namespace portrait::cluster {
namespace {

constexpr size_t kObjectionsPage = 1000;

std::vector<absl::string_view> Views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

LogEntry RecordEntry(store::v1::ContactRecord record) {
  LogEntry entry;
  entry.kind = LogEntry::Kind::kRecord;
  entry.id = record.jid();
  entry.record = std::move(record);
  return entry;
}

LogEntry ObjectionEntry(const std::string& hash) {
  LogEntry entry;
  entry.kind = LogEntry::Kind::kObjection;
  entry.id = hash;
  return entry;
}

uint64_t ErasedBy(const std::vector<Outcome>& outcomes) {
  uint64_t erased = 0;
  for (const Outcome& outcome : outcomes) erased += outcome.erased;
  return erased;
}

}  // namespace

absl::StatusOr<ClusterPictureStore::Jids> ClusterPictureStore::AddressesOf(
    absl::string_view jid) {
  Jids jids = {std::string(jid)};
  ASSIGN_OR_RETURN(std::vector<std::string> counterparts,
                   in_flight_.ReadCounterparts({jid}));
  if (!counterparts[0].empty()) jids.push_back(std::move(counterparts[0]));
  return jids;
}

absl::StatusOr<uint64_t> ClusterPictureStore::Forget(absl::string_view jid,
                                                     bool suppress) {
  RETURN_IF_ERROR(CheckKey(jid));
  return ForgetContact(jid, suppress, /*other=*/"");
}

absl::StatusOr<uint64_t> ClusterPictureStore::ForgetContact(
    absl::string_view jid, bool suppress, absl::string_view other) {
  Group group;
  {
    absl::MutexLock lock(&mu_);
    const uint64_t generation = log_->generation();
    ASSIGN_OR_RETURN(const Jids jids, AddressesOf(jid));
    // Added even if nothing is stored, because an answer may be on its way.
    in_flight_.forgotten().Add(Views(jids));
    std::vector<LogEntry> entries;
    if (suppress) {
      std::vector<std::string> hashes;
      for (const std::string& each : jids) {
        hashes.push_back(ObjectionIdOf(each));
      }
      if (!other.empty()) hashes.push_back(ObjectionIdOf(other));
      for (size_t i = 0; i < jids.size(); ++i) {
        LogEntry& entry = entries.emplace_back(ObjectionEntry(hashes[i]));
        entry.objection = MakeObjection(hashes, i, clock_());
      }
    }
    for (LogEntry& entry : ErasingEntriesOf(jids)) {
      entries.push_back(std::move(entry));
    }
    ASSIGN_OR_RETURN(group, Publish(std::move(entries), generation));
  }
  ASSIGN_OR_RETURN(const std::vector<Outcome> outcomes, Await(group));
  return ErasedBy(outcomes);
}

absl::Status ClusterPictureStore::Tie(absl::Span<const ContactTie> ties) {
  RETURN_IF_ERROR(log_->WaitForRoom());
  std::vector<absl::string_view> keys;
  absl::flat_hash_map<absl::string_view, size_t> place;  // in `keys`
  for (const ContactTie& tie : ties) {
    if (place.try_emplace(tie.jid, keys.size()).second) {
      keys.push_back(tie.jid);
    }
  }
  Group group;
  {
    absl::MutexLock lock(&mu_);
    const uint64_t generation = log_->generation();
    ASSIGN_OR_RETURN(auto records, in_flight_.ReadRecords(keys));
    std::vector<bool> is_new(keys.size());
    for (const ContactTie& tie : ties) {
      const size_t at = place[tie.jid];
      if (!records[at].has_value() ||
          in_flight_.ForgottenAt(tie.jid, tie.tenant).count >
              tie.forget_count) {
        continue;
      }
      if (AddTie(tie.tenant, tie.asked_at, *records[at])) is_new[at] = true;
    }
    std::vector<LogEntry> entries;
    for (size_t i = 0; i < keys.size(); ++i) {
      if (is_new[i]) entries.push_back(RecordEntry(*std::move(records[i])));
    }
    ASSIGN_OR_RETURN(group, Publish(std::move(entries), generation));
  }
  return Await(group).status();
}

absl::StatusOr<Untied> ClusterPictureStore::Untie(absl::string_view jid,
                                                  uint32_t tenant,
                                                  bool erase_untied) {
  RETURN_IF_ERROR(CheckKey(jid));
  Untied untied;
  Group group;
  {
    absl::MutexLock lock(&mu_);
    const uint64_t generation = log_->generation();
    ASSIGN_OR_RETURN(const Jids jids, AddressesOf(jid));
    in_flight_.forgotten().Add(Views(jids), tenant);
    ASSIGN_OR_RETURN(auto records, in_flight_.ReadRecords(Views(jids)));
    bool is_stored = false, is_kept = false;
    std::vector<LogEntry> entries;
    for (auto& record : records) {
      if (!record.has_value()) continue;
      is_stored = true;
      const bool was_tied = RemoveTie(tenant, *record);
      untied.was_tied |= was_tied;
      const bool has_ties = record->ties_size() > 0;
      is_kept |= has_ties || (!was_tied && !erase_untied);
      if (was_tied && has_ties) {
        entries.push_back(RecordEntry(*std::move(record)));
      }
    }
    if (is_stored && !is_kept) {
      for (LogEntry& entry : ErasingEntriesOf(jids)) {
        entries.push_back(std::move(entry));
      }
    }
    ASSIGN_OR_RETURN(group, Publish(std::move(entries), generation));
  }
  ASSIGN_OR_RETURN(const std::vector<Outcome> outcomes, Await(group));
  untied.erased = ErasedBy(outcomes);
  return untied;
}

absl::StatusOr<uint64_t> ClusterPictureStore::RemoveObjection(
    absl::string_view id) {
  Group group;
  size_t removed = 0;
  {
    absl::MutexLock lock(&mu_);
    const uint64_t generation = log_->generation();
    ObjectionLinks links;
    for (std::string after;;) {
      ASSIGN_OR_RETURN(const auto page, ListObjections(after, kObjectionsPage));
      if (page.empty()) break;
      for (const StoredObjection& each : page) {
        ASSIGN_OR_RETURN(
            const LogEntry entry,
            replica_->ReadEntry(LogEntry::Kind::kObjection, each.id));
        links.Add(each.id, entry.objection.SerializeAsString());
      }
      after = page.back().id;
    }
    std::vector<LogEntry> entries;
    for (const std::string& each : links.SameContactAs(id)) {
      entries.push_back(ObjectionEntry(each));
      entries.back().is_erased = true;
    }
    removed = entries.size();
    ASSIGN_OR_RETURN(group, Publish(std::move(entries), generation));
  }
  RETURN_IF_ERROR(Await(group).status());
  return removed;
}

}  // namespace portrait::cluster
