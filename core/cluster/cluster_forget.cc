// The operations of ClusterPictureStore on who asked about a contact, and on
// contacts that are forgotten.
#include <algorithm>
#include <utility>

#include "core/base/status_macros.h"
#include "core/cluster/batch_entries.h"
#include "core/cluster/cluster_picture_store.h"
#include "core/contact/contact_key.h"
#include "core/store/objections.h"
#include "core/store/tie_batch.h"

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
    ASSIGN_OR_RETURN(const Jids jids, AddressesOf(in_flight_, jid));
    // Added even if nothing is stored, because an answer may be on its way.
    in_flight_.forgotten().Add(Views(jids));
    std::vector<LogEntry> entries;
    if (suppress) {
      const auto hash_of = [this](absl::string_view each) {
        return ObjectionIdOf(each);
      };
      for (auto& [hash, objection] :
           MakeObjections(jids, other, hash_of, clock_())) {
        LogEntry& entry = entries.emplace_back(ObjectionEntry(hash));
        entry.objection = std::move(objection);
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
  Group group;
  {
    absl::MutexLock lock(&mu_);
    const uint64_t generation = log_->generation();
    ASSIGN_OR_RETURN(auto puts, MergeTies(in_flight_, ties));
    std::vector<LogEntry> entries;
    for (auto& record : puts) entries.push_back(RecordEntry(std::move(record)));
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
    ASSIGN_OR_RETURN(const Jids jids, AddressesOf(in_flight_, jid));
    in_flight_.forgotten().Add(Views(jids), tenant);
    ASSIGN_OR_RETURN(UntieEffects effects,
                     MergeUntie(in_flight_, Views(jids), tenant, erase_untied));
    untied.was_tied = effects.was_tied;
    std::vector<LogEntry> entries;
    for (auto& record : effects.puts) {
      entries.push_back(RecordEntry(std::move(record)));
    }
    if (effects.is_erased) {
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
