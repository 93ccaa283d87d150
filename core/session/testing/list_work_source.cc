#include "core/session/testing/list_work_source.h"

#include <algorithm>
#include <set>
#include <utility>

#include <gtest/gtest.h>

namespace portrait {

void ListWorkSource::Add(std::vector<ContactTask> tasks) {
  {
    absl::MutexLock lock(&mu_);
    for (ContactTask& task : tasks) {
      task.id = next_id_++;
      queue_.push_back(std::move(task));
    }
  }
  Wake();
}

bool ListWorkSource::WaitUntilDone(absl::Duration timeout) {
  absl::MutexLock lock(&mu_);
  const auto done = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return queue_.empty() && taken_.empty();
  };
  return mu_.AwaitWithTimeout(absl::Condition(&done), timeout);
}

std::vector<ContactTask> ListWorkSource::Take(const std::string& session,
                                              size_t max_contacts) {
  return TakeSome(session, max_contacts, /*urgent_only=*/false);
}

std::vector<ContactTask> ListWorkSource::TakeUrgent(const std::string& session,
                                                    size_t max_contacts) {
  return TakeSome(session, max_contacts, /*urgent_only=*/true);
}

std::vector<ContactTask> ListWorkSource::TakeSome(const std::string& session,
                                                  size_t max,
                                                  bool urgent_only) {
  std::vector<ContactTask> tasks = TakeFromQueue(session, max, urgent_only);
  if (!tasks.empty()) Wake();
  return tasks;
}

std::vector<ContactTask> ListWorkSource::TakeFromQueue(
    const std::string& session, size_t max, bool urgent_only) {
  std::vector<ContactTask> tasks;
  std::deque<ContactTask> left;
  absl::MutexLock lock(&mu_);
  std::stable_partition(queue_.begin(), queue_.end(),
                        [](const ContactTask& task) { return task.urgent; });
  for (ContactTask& task : queue_) {
    const bool fits =
        (task.urgent || !urgent_only) &&
        (task.only_session.empty() || task.only_session == session) &&
        (tasks.empty() || tasks.front().contact.kind == task.contact.kind);
    if (fits && tasks.size() < max) {
      taken_[task.id] = task;
      tasks.push_back(std::move(task));
    } else {
      left.push_back(std::move(task));
    }
  }
  queue_ = std::move(left);
  return tasks;
}

ContactTask ListWorkSource::Settle(uint64_t id) {
  const auto it = taken_.find(id);
  if (it == taken_.end()) {
    ADD_FAILURE() << "task " << id << " was settled twice";
    return {};
  }
  ContactTask task = std::move(it->second);
  taken_.erase(it);
  return task;
}

void ListWorkSource::Complete(std::vector<TaskResult> results) {
  absl::MutexLock lock(&mu_);
  complete_sizes_.push_back(results.size());
  for (TaskResult& result : results) {
    const std::string jid = Settle(result.task_id).contact.jid.ToString();
    if (auto* seen = std::get_if<Observation>(&result.outcome)) {
      observations_[jid] = std::move(*seen);
    } else {
      failures_[jid] = std::get<LookupFailure>(std::move(result.outcome));
    }
  }
}

void ListWorkSource::GiveBack(std::vector<ContactTask> tasks,
                              LookupFailure why) {
  {
    absl::MutexLock lock(&mu_);
    given_back_ += tasks.size();
    reasons_[why.reason] += static_cast<int>(tasks.size());
    for (const ContactTask& given : tasks) {
      ContactTask task = Settle(given.id);
      if (++task.attempts >= kMaxTaskAttempts) {
        failures_[task.contact.jid.ToString()] = why;
      } else {
        queue_.push_back(std::move(task));
      }
    }
  }
  Wake();
}

void ListWorkSource::PutBack(std::vector<ContactTask> tasks) {
  {
    absl::MutexLock lock(&mu_);
    put_back_ += tasks.size();
    for (auto put = tasks.rbegin(); put != tasks.rend(); ++put) {
      queue_.push_front(Settle(put->id));
    }
  }
  Wake();
}

void ListWorkSource::Observe(Observation observation) {
  absl::MutexLock lock(&mu_);
  news_.push_back(std::move(observation));
}

void ListWorkSource::SetWaker(Waker wake) {
  absl::MutexLock lock(&mu_);
  wake_ = std::move(wake);
}

void ListWorkSource::Wake() {
  Waker wake;
  std::set<std::string> sessions;
  {
    absl::MutexLock lock(&mu_);
    wake = wake_;
    for (const ContactTask& task : queue_) sessions.insert(task.only_session);
  }
  if (wake == nullptr) return;
  for (const std::string& session : sessions) {
    wake({.session = session, .urgent = true});
  }
}

std::map<std::string, Observation> ListWorkSource::observations() const {
  absl::MutexLock lock(&mu_);
  return observations_;
}

std::map<std::string, LookupFailure> ListWorkSource::failures() const {
  absl::MutexLock lock(&mu_);
  return failures_;
}

std::vector<Observation> ListWorkSource::news() const {
  absl::MutexLock lock(&mu_);
  return news_;
}

std::vector<size_t> ListWorkSource::complete_sizes() const {
  absl::MutexLock lock(&mu_);
  return complete_sizes_;
}

size_t ListWorkSource::given_back() const {
  absl::MutexLock lock(&mu_);
  return given_back_;
}

size_t ListWorkSource::put_back() const {
  absl::MutexLock lock(&mu_);
  return put_back_;
}

std::map<v1::ErrorReason, int> ListWorkSource::reasons() const {
  absl::MutexLock lock(&mu_);
  return reasons_;
}

}  // namespace portrait
