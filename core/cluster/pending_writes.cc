#include "core/cluster/pending_writes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace portrait::cluster {

absl::StatusOr<std::vector<Outcome>> WriteGroup::Await(absl::Duration timeout) {
  absl::MutexLock lock(&mu_);
  const bool is_settled = mu_.AwaitWithTimeout(
      absl::Condition(this, &WriteGroup::IsSettled), timeout);
  if (!status_.ok()) return status_;
  if (!is_settled) {
    is_given_up_ = true;
    return absl::UnavailableError(
        absl::StrCat("cluster: the log has not confirmed a write within ",
                     absl::FormatDuration(timeout)));
  }
  return outcomes_;
}

bool WriteGroup::Succeed(size_t message, Outcome outcome) {
  absl::MutexLock lock(&mu_);
  outcomes_[message] = outcome;
  --missing_;
  return !is_given_up_ && status_.ok();
}

void WriteGroup::Fail(const absl::Status& status) {
  absl::MutexLock lock(&mu_);
  if (status_.ok()) status_ = status;
}

uint64_t PendingWrites::NextId() {
  absl::MutexLock lock(&mu_);
  return ++last_id_;
}

void PendingWrites::Add(uint64_t id, Write write) {
  absl::MutexLock lock(&mu_);
  ++counts_[write.place];
  if (write.entry.kind == LogEntry::Kind::kRecord && write.group != nullptr) {
    records_[write.entry.id] = {id, write.group};
  }
  writes_.emplace(id, std::move(write));
}

std::optional<PendingWrites::Write> PendingWrites::Take(uint64_t id) {
  absl::MutexLock lock(&mu_);
  const auto found = writes_.find(id);
  if (found == writes_.end()) return std::nullopt;
  std::optional<Write> write = std::move(found->second);
  writes_.erase(found);
  --counts_[write->place];
  const auto record = records_.find(write->entry.id);
  if (record != records_.end() && record->second.first == id) {
    records_.erase(record);
  }
  return write;
}

std::vector<std::pair<uint64_t, PendingWrites::Write>> PendingWrites::TakeAllOf(
    size_t place) {
  std::vector<std::pair<uint64_t, Write>> taken;
  absl::MutexLock lock(&mu_);
  for (const auto& [id, write] : writes_) {
    if (write.place == place) taken.emplace_back(id, write);
  }
  for (const auto& [id, write] : taken) {
    writes_.erase(id);
    const auto record = records_.find(write.entry.id);
    if (record != records_.end() && record->second.first == id) {
      records_.erase(record);
    }
  }
  counts_[place] = 0;
  return taken;
}

bool PendingWrites::WaitForRoom(size_t limit, absl::Duration timeout) {
  absl::MutexLock lock(&mu_);
  const auto has_room = [this, limit]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return writes_.size() < limit;
  };
  return mu_.AwaitWithTimeout(absl::Condition(&has_room), timeout);
}

bool PendingWrites::WaitUntilNoneOf(const std::vector<size_t>& places,
                                    absl::Duration timeout) {
  absl::MutexLock lock(&mu_);
  const auto is_empty = [this, &places]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return std::all_of(places.begin(), places.end(),
                       [this](size_t place) ABSL_NO_THREAD_SAFETY_ANALYSIS {
                         const auto count = counts_.find(place);
                         return count == counts_.end() || count->second == 0;
                       });
  };
  return mu_.AwaitWithTimeout(absl::Condition(&is_empty), timeout);
}

std::shared_ptr<WriteGroup> PendingWrites::GroupOfRecord(
    absl::string_view jid) {
  absl::MutexLock lock(&mu_);
  const auto record = records_.find(jid);
  return record == records_.end() ? nullptr : record->second.second;
}

}  // namespace portrait::cluster
