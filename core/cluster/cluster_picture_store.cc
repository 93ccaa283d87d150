#include "core/cluster/cluster_picture_store.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/cluster/batch_entries.h"
#include "core/cluster/log_message.h"
#include "core/cluster/log_start.h"

namespace portrait::cluster {

ClusterPictureStore::ClusterPictureStore(Clock clock,
                                         std::unique_ptr<Replica> replica)
    : clock_(std::move(clock)),
      replica_(std::move(replica)),
      in_flight_(replica_->contacts(), [this](absl::string_view jid) {
        return replica_->pictures().ObjectionIdOf(jid);
      }) {}

absl::StatusOr<std::unique_ptr<ClusterPictureStore>> ClusterPictureStore::Open(
    const ClusterOptions& options, Clock clock,
    std::unique_ptr<Replica> replica) {
  auto store = absl::WrapUnique(
      new ClusterPictureStore(std::move(clock), std::move(replica)));
  LogEvents events;
  events.on_changes = [self = store.get()] { self->CallListener(); };
  // So that this node does not store an answer that was asked for before, if it
  // takes the contact over.
  events.on_erased = [self = store.get()](const std::string& jid) {
    absl::MutexLock lock(&self->mu_);
    self->in_flight_.forgotten().Add({jid});
  };
  events.on_repair = [self = store.get()](const auto& keys) {
    self->Repair(keys);
  };
  ASSIGN_OR_RETURN(auto log,
                   ClusterLog::Open(options, store->clock_, *store->replica_,
                                    store->in_flight_, events));
  {
    absl::MutexLock lock(&store->mu_);
    store->log_ = std::move(log);
  }
  RETURN_IF_ERROR(store->log_->WaitUntilRead());
  RETURN_IF_ERROR(NoteAlive(*store->replica_, store->clock_()));
  return store;
}

ClusterPictureStore::~ClusterPictureStore() {
  if (log_ != nullptr) log_->Stop();
}

void ClusterPictureStore::SetChangeListener(std::function<void()> listener) {
  absl::MutexLock lock(&listener_mu_);
  listener_ = std::move(listener);
}

void ClusterPictureStore::CallListener() {
  std::function<void()> listener;
  {
    absl::MutexLock lock(&listener_mu_);
    listener = listener_;
  }
  if (listener) listener();
}

absl::StatusOr<ClusterPictureStore::Group> ClusterPictureStore::Publish(
    std::vector<LogEntry> entries, uint64_t generation) {
  if (entries.empty()) return nullptr;
  RETURN_IF_ERROR(log_->role().CheckBound());
  return log_->Publish(std::move(entries), generation);
}

absl::StatusOr<std::vector<Outcome>> ClusterPictureStore::Await(
    const Group& group) {
  if (group == nullptr) return std::vector<Outcome>();
  return group->Await(log_->write_timeout());
}

absl::StatusOr<std::vector<ApplyResult>> ClusterPictureStore::Apply(
    absl::Span<const Observation> observations) {
  RETURN_IF_ERROR(log_->WaitForRoom());
  std::vector<ApplyResult> results;
  std::vector<ObjectedJid> objected;
  std::vector<BatchEntry> entries;
  Group group;
  std::vector<Group>
      earlier;  // writes of records that are returned as they are
  {
    absl::MutexLock lock(&mu_);
    const uint64_t generation = log_->generation();
    ASSIGN_OR_RETURN(BatchEffects effects,
                     MergeBatch(in_flight_, observations, 0, clock_()));
    for (const ApplyResult& result : effects.results) {
      Group pending = log_->PendingOf(result.record.jid());
      if (pending != nullptr) earlier.push_back(std::move(pending));
    }
    entries = EntriesOf(effects, replica_->Today());
    std::vector<LogEntry> messages;
    for (BatchEntry& each : entries) messages.push_back(std::move(each.entry));
    ASSIGN_OR_RETURN(group, Publish(std::move(messages), generation));
    results = std::move(effects.results);
    objected = std::move(effects.objected);
  }
  ASSIGN_OR_RETURN(const std::vector<Outcome> outcomes, Await(group));
  for (const Group& each : earlier) RETURN_IF_ERROR(Await(each).status());
  bool has_changes = false;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (!entries[i].result.has_value()) continue;
    results[*entries[i].result].change->sequence = outcomes[i].sequence;
    has_changes = true;
  }
  // If erasing fails now, the next observation of the contact tries again.
  for (const ObjectedJid& each : objected) {
    const auto forgotten =
        ForgetContact(each.jid, /*suppress=*/true, each.other);
    if (!forgotten.ok()) LogWarning("store: {}", forgotten.status().ToString());
  }
  if (has_changes) CallListener();
  return results;
}

absl::StatusOr<std::vector<Change>> ClusterPictureStore::ReadChanges(
    uint64_t after, size_t limit) {
  const uint64_t last = last_sequence();
  ASSIGN_OR_RETURN(std::vector<Change> changes,
                   replica_->pictures().ReadChanges(after, limit));
  while (!changes.empty() && changes.back().sequence > last) {
    changes.pop_back();
  }
  return changes;
}

// The lock keeps Repair from writing an older value afterwards.
absl::Status ClusterPictureStore::Write(std::vector<LogEntry> entries) {
  RETURN_IF_ERROR(log_->WaitForRoom());
  Group group;
  {
    absl::MutexLock lock(&mu_);
    ASSIGN_OR_RETURN(group, Publish(std::move(entries), log_->generation()));
  }
  return Await(group).status();
}

void ClusterPictureStore::Repair(const std::vector<std::string>& keys) {
  absl::MutexLock lock(&mu_);
  if (log_ == nullptr) return;  // Open is not finished; called again soon
  const uint64_t generation = log_->generation();
  for (const std::string& key : keys) {
    // A message that is on its way repairs the key, too.
    if (in_flight_.Has(key)) continue;
    const absl::StatusOr<LogEntry> named = EntryOfKey(key);
    if (!named.ok()) continue;
    absl::StatusOr<LogEntry> stored =
        replica_->ReadEntry(named->kind, named->id);
    const absl::Status written =
        stored.ok() ? log_->Publish({*std::move(stored)}, generation).status()
                    : stored.status();
    if (!written.ok()) LogWarning("cluster: {}", written.ToString());
  }
}

}  // namespace portrait::cluster
