// The WorkSource interface of the scheduler, which sessions use.
#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>

#include "core/lookup/scheduler.h"

namespace portrait {

struct Scheduler::Batch {
  const std::string& session;
  const absl::Time now;
  const size_t max_contacts;
  std::vector<ContactTask> taken = {};
  TaskList trash = {};  // tasks without waiters
};

std::vector<ContactTask> Scheduler::Take(const std::string& session,
                                         size_t max_contacts) {
  Batch batch{session, options_.clock(), max_contacts};
  Wakes wakes;
  {
    absl::MutexLock lock(&mu_);
    woken_ = woken_urgent_ = false;
    TakeLocked(FairQueue::Wanted::kAnything, &batch);
    // If this session found tasks, another one may take the rest.
    if (!batch.taken.empty()) AddWakeLocked(&wakes);
  }
  Wake(wakes);
  return std::move(batch.taken);
}

std::vector<ContactTask> Scheduler::TakeUrgent(const std::string& session,
                                               size_t max_contacts) {
  Batch batch{session, options_.clock(), max_contacts};
  Wakes wakes;
  {
    absl::MutexLock lock(&mu_);
    woken_urgent_ = false;
    TakeLocked(FairQueue::Wanted::kUrgentOnly, &batch);
    if (!batch.taken.empty()) AddWakeLocked(&wakes);
  }
  Wake(wakes);
  return std::move(batch.taken);
}

// Takes again if all tasks of a kind were dropped.
void Scheduler::TakeLocked(FairQueue::Wanted wanted, Batch* batch) {
  const FairQueue::Taker taker{batch->session, batch->now, wanted};
  const auto take = [&](const std::string& tenant, Task* task) {
    mu_.AssertHeld();  // The analysis does not look through the callback.
    const bool is_awaited =
        std::any_of(task->waiters.begin(), task->waiters.end(),
                    [](const Waiter& waiter) { return !waiter.gone(); });
    if (!is_awaited) {
      RemoveLocked(task, &batch->trash);
      return false;
    }
    task->in_flight = true;
    task->taken_by = batch->session;
    task->contact.tenant = tenant;
    ++in_flight_;
    JoinableTasks& joinable = by_contact_[SharingKey(task->contact)];
    joinable.queued = nullptr;
    joinable.in_flight = task;
    batch->taken.push_back(task->contact);
    return true;
  };
  while (batch->taken.empty() && batch->max_contacts > 0) {
    const std::optional<ContactKind> kind = queue_.NextKind(taker);
    if (!kind) return;
    queue_.Take(*kind, taker, batch->max_contacts, take);
  }
}

void Scheduler::GiveBack(std::vector<ContactTask> tasks, LookupFailure why) {
  const absl::Time now = options_.clock();
  std::vector<CompletedTask> failed;
  TaskList trash;
  NewWork news;
  {
    absl::MutexLock lock(&mu_);
    for (const ContactTask& given : tasks) {
      Task* const task = FindLocked(given.id);
      if (task == nullptr || !task->in_flight) continue;
      if (++task->contact.attempts >= kMaxTaskAttempts) {
        failed.push_back(CompleteLocked({given.id, why}, &trash));
        continue;
      }
      const int doublings = task->contact.attempts - 1;
      task->not_before = now + options_.give_back_pause * (1 << doublings);
      if (task->contact.only_session.empty()) {
        news.not_for = task->taken_by;
        news.urgent |= task->contact.urgent;
      }
      RequeueLocked(task, Standing::kGivenBack, &trash);
    }
  }
  // A session that takes some of the tasks wakes the next one.
  if (!news.not_for.empty()) Wake({news});
  completed_.Push(std::move(failed));
}

void Scheduler::PutBack(std::vector<ContactTask> tasks) {
  TaskList trash;
  Wakes wakes;
  {
    absl::MutexLock lock(&mu_);
    // Backwards, because the first task must be pushed to the front last.
    for (auto given = tasks.rbegin(); given != tasks.rend(); ++given) {
      Task* const task = FindLocked(given->id);
      if (task == nullptr || !task->in_flight) continue;
      RequeueLocked(task, Standing::kPutBack, &trash);
    }
    AddWakeLocked(&wakes);
  }
  Wake(wakes);
}

void Scheduler::RequeueLocked(Task* task, Standing standing, TaskList* trash) {
  if (task->waiters.empty()) {
    RemoveLocked(task, trash);
    return;
  }
  JoinableTasks& joinable = by_contact_[SharingKey(task->contact)];
  Task* const other = joinable.queued;
  if (other == nullptr) {
    --in_flight_;
    task->in_flight = false;
    if (joinable.in_flight == task) joinable.in_flight = nullptr;
    joinable.queued = task;
    EnqueueLocked(task, standing);
    return;
  }
  // A caller asked for more meanwhile: merge both tasks into one with the needs
  // of both.
  queue_.Remove(other);
  ContactTask both = task->contact;
  Widen(other->contact, &both);
  both.id = other->contact.id;
  both.urgent = task->contact.urgent || other->contact.urgent;
  both.attempts = std::max(task->contact.attempts, other->contact.attempts);
  other->contact = std::move(both);
  other->taken_by = task->taken_by;
  other->not_before = task->not_before;
  for (Waiter& waiter : task->waiters) {
    AddWaiterLocked(std::move(waiter), other);
  }
  task->waiters.clear();
  EnqueueLocked(other, standing);
  RemoveLocked(task, trash);
}

// ---- results ---------------------------------------------------------------

void Scheduler::Complete(std::vector<TaskResult> results) {
  std::vector<CompletedTask> completed;
  completed.reserve(results.size());
  TaskList trash;
  {
    absl::MutexLock lock(&mu_);
    for (TaskResult& result : results) {
      completed.push_back(CompleteLocked(std::move(result), &trash));
    }
  }
  completed_.Push(std::move(completed));
}

CompletedTask Scheduler::CompleteLocked(TaskResult result, TaskList* trash) {
  CompletedTask completed;
  completed.task.id = result.task_id;
  completed.outcome = std::move(result.outcome);
  auto* const seen = std::get_if<Observation>(&completed.outcome);
  if (seen != nullptr) seen->forget_count = 0;
  Task* const task = FindLocked(result.task_id);
  if (task == nullptr) return completed;
  completed.task = task->contact;
  completed.waiters = std::move(task->waiters);
  // An observation of a contact that was forgotten meanwhile is stored only if
  // a caller has asked for it since.
  if (seen != nullptr) {
    for (const Asker& asker : task->askers) {
      seen->forget_count = std::max(seen->forget_count, asker.forget_count);
    }
    seen->askers = std::move(task->askers);
  }
  RemoveLocked(task, trash);
  return completed;
}

void Scheduler::Observe(Observation observation) {
  std::vector<CompletedTask> without_task(1);
  without_task.front().outcome = std::move(observation);
  completed_.Push(std::move(without_task));
}

// ---- waking ----------------------------------------------------------------

void Scheduler::SetWaker(Waker wake) {
  auto shared = std::make_shared<const Waker>(std::move(wake));
  absl::MutexLock lock(&mu_);
  wake_.swap(shared);
}

// For work that any session may take. A woken session calls Take, which wakes
// the next one, so one wake at a time is enough.
void Scheduler::AddWakeLocked(Wakes* wakes) {
  if (queue_.has_open_urgent() && !woken_urgent_) {
    woken_ = woken_urgent_ = true;
    wakes->push_back({.urgent = true});
  } else if (queue_.has_open() && !woken_) {
    woken_ = true;
    wakes->push_back({});
  }
}

void Scheduler::Wake(const Wakes& wakes) {
  if (wakes.empty()) return;
  std::shared_ptr<const Waker> wake;
  {
    absl::MutexLock lock(&mu_);
    wake = wake_;
  }
  if (wake == nullptr || *wake == nullptr) return;
  for (const NewWork& work : wakes) (*wake)(work);
}

}  // namespace portrait
