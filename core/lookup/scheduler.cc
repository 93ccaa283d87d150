#include "core/lookup/scheduler.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace portrait {
namespace {

// Tasks checked per Sweep; a million tasks are checked within half a minute.
constexpr size_t kSweepTasks = 10'000;

}  // namespace

// ---- queued tasks ----------------------------------------------------------

std::vector<Waiter> Scheduler::Submit(std::vector<Request> requests) {
  const absl::Time now = options_.clock();
  std::vector<Waiter> refused;
  Wakes wakes;
  {
    absl::MutexLock lock(&mu_);
    for (Request& request : requests) {
      if (closed_) {
        refused.push_back(std::move(request.waiter));
        continue;
      }
      const std::string& session = request.task.only_session;
      if (!session.empty() &&
          (wakes.empty() || wakes.back().session != session)) {
        wakes.push_back({.session = session});
      }
      SubmitLocked(std::move(request), now);
    }
    AddWakeLocked(&wakes);
  }
  Wake(wakes);
  return refused;
}

void Scheduler::SubmitLocked(Request request, absl::Time now) {
  const bool urgent = request.waiter.call->request->urgent;
  JoinableTasks& joinable = by_contact_[SharingKey(request.task)];
  if (joinable.queued != nullptr) {
    JoinLocked(std::move(request), joinable.queued);
    return;
  }
  // A session may hold bulk tasks for minutes, so an urgent request does not
  // join one.
  if (Task* const asked = joinable.in_flight;
      asked != nullptr && (asked->contact.urgent || !urgent) &&
      Covers(asked->contact, request.task)) {
    AddWaiterLocked(std::move(request.waiter), asked);
    return;
  }
  Task& task = tasks_.emplace_back();
  task.contact = std::move(request.task);
  task.contact.id = ++last_id_;
  task.contact.urgent = urgent;
  task.contact.attempts = 0;
  task.submitted_at = now;
  by_id_[task.contact.id] = std::prev(tasks_.end());
  joinable.queued = &task;
  AddWaiterLocked(std::move(request.waiter), &task);
  EnqueueLocked(&task, Standing::kNew);
}

void Scheduler::JoinLocked(Request request, Task* task) {
  Widen(request.task, &task->contact);
  const LookupRequest& asked = *request.waiter.call->request;
  const bool promoted = asked.urgent && !task->contact.urgent;
  const bool tenant_waits = std::any_of(
      task->places.begin(), task->places.end(), [&](const QueuePlace& place) {
        return place.share->tenant == asked.tenant;
      });
  AddWaiterLocked(std::move(request.waiter), task);
  if (promoted) {
    queue_.Remove(task);
    task->contact.urgent = true;
    EnqueueLocked(task, Standing::kNew);
  } else if (!tenant_waits) {
    // The first of the waiting tenants to have its turn gets the task asked.
    queue_.Push(asked.tenant, "", FairQueue::End::kBack, task);
  }
}

void Scheduler::AddWaiterLocked(Waiter waiter, Task* task) {
  if (waiter.call->deadline != absl::InfiniteFuture()) {
    deadlines_.push({waiter.call->deadline, task->contact.id});
  }
  const uint32_t tenant = waiter.call->request->tenant_number;
  const auto asker = std::find_if(
      task->askers.begin(), task->askers.end(),
      [tenant](const Asker& known) { return known.tenant == tenant; });
  if (asker == task->askers.end()) {
    task->askers.push_back({tenant, waiter.forget_count()});
  } else {
    asker->forget_count = std::max(asker->forget_count, waiter.forget_count());
  }
  task->waiters.push_back(std::move(waiter));
}

// Queues the task once for each tenant that waits for it.
void Scheduler::EnqueueLocked(Task* task, Standing standing) {
  const bool given_back = standing == Standing::kGivenBack;
  const auto end = standing == Standing::kPutBack ? FairQueue::End::kFront
                                                  : FairQueue::End::kBack;
  std::vector<std::string> tenants;
  for (const Waiter& waiter : task->waiters) {
    tenants.push_back(waiter.call->request->tenant);
  }
  std::sort(tenants.begin(), tenants.end());
  tenants.erase(std::unique(tenants.begin(), tenants.end()), tenants.end());
  for (const std::string& tenant : tenants) {
    queue_.Push(tenant, given_back ? task->taken_by : "", end, task);
  }
}

void Scheduler::RemoveLocked(Task* task, TaskList* trash) {
  if (task->in_flight) {
    --in_flight_;
  } else if (!task->places.empty()) {
    queue_.Remove(task);
  }
  const auto found = by_contact_.find(SharingKey(task->contact));
  if (found != by_contact_.end()) {
    JoinableTasks& joinable = found->second;
    if (joinable.queued == task) joinable.queued = nullptr;
    if (joinable.in_flight == task) joinable.in_flight = nullptr;
    if (joinable.queued == nullptr && joinable.in_flight == nullptr) {
      by_contact_.erase(found);
    }
  }
  const auto self = by_id_.find(task->contact.id);
  trash->splice(trash->end(), tasks_, self->second);
  by_id_.erase(self);
}

Task* Scheduler::FindLocked(uint64_t task_id) {
  const auto found = by_id_.find(task_id);
  return found == by_id_.end() ? nullptr : &*found->second;
}

std::vector<Waiter> Scheduler::TakeOutQueued(
    absl::FunctionRef<bool(const ContactTask&)> matches) {
  std::vector<Waiter> waiters;
  TaskList trash;
  absl::MutexLock lock(&mu_);
  for (auto next = tasks_.begin(); next != tasks_.end();) {
    Task& task = *next++;
    if (task.in_flight || !matches(task.contact)) continue;
    std::move(task.waiters.begin(), task.waiters.end(),
              std::back_inserter(waiters));
    RemoveLocked(&task, &trash);
  }
  return waiters;
}

std::vector<Waiter> Scheduler::Close() {
  std::vector<Waiter> waiters;
  TaskList trash;
  absl::MutexLock lock(&mu_);
  closed_ = true;
  while (!tasks_.empty()) {
    Task& task = tasks_.front();
    std::move(task.waiters.begin(), task.waiters.end(),
              std::back_inserter(waiters));
    RemoveLocked(&task, &trash);
  }
  return waiters;
}

// ---- sweeping --------------------------------------------------------------

std::vector<Scheduler::Expired> Scheduler::Sweep() {
  const absl::Time now = options_.clock();
  std::vector<Expired> expired;
  std::vector<Waiter> gone;
  TaskList trash;
  Wakes wakes;
  for (std::string& session : SessionsWaitedFor()) {
    if (!session.empty()) wakes.push_back({.session = std::move(session)});
  }
  {
    absl::MutexLock lock(&mu_);
    ExpireLocked(now, &expired, &trash);
    DropUnwantedLocked(&gone, &trash);
    // Pauses of tasks that were given back may have ended.
    woken_ = woken_urgent_ = false;
    AddWakeLocked(&wakes);
  }
  Wake(wakes);
  return expired;
}

void Scheduler::ExpireLocked(absl::Time now, std::vector<Expired>* expired,
                             TaskList* trash) {
  while (!deadlines_.empty() && deadlines_.top().time <= now) {
    Task* const task = FindLocked(deadlines_.top().task_id);
    deadlines_.pop();
    if (task == nullptr) continue;
    const auto late = std::partition(
        task->waiters.begin(), task->waiters.end(),
        [now](const Waiter& waiter) { return waiter.call->deadline > now; });
    for (auto it = late; it != task->waiters.end(); ++it) {
      expired->push_back({std::move(*it), task->in_flight});
    }
    task->waiters.erase(late, task->waiters.end());
    if (task->waiters.empty() && !task->in_flight) RemoveLocked(task, trash);
  }
}

void Scheduler::DropUnwantedLocked(std::vector<Waiter>* gone, TaskList* trash) {
  const size_t looked_at = std::min(kSweepTasks, tasks_.size());
  for (size_t i = 0; i < looked_at; ++i) {
    Task& task = tasks_.front();
    tasks_.splice(tasks_.end(), tasks_, tasks_.begin());
    const auto first_gone =
        std::partition(task.waiters.begin(), task.waiters.end(),
                       [](const Waiter& waiter) { return !waiter.gone(); });
    std::move(first_gone, task.waiters.end(), std::back_inserter(*gone));
    task.waiters.erase(first_gone, task.waiters.end());
    // A task in flight stays, because its answer is worth storing.
    if (task.waiters.empty() && !task.in_flight) RemoveLocked(&task, trash);
  }
}

std::vector<std::string> Scheduler::SessionsWaitedFor() const {
  absl::MutexLock lock(&mu_);
  return queue_.SessionsWaitedFor();
}

Scheduler::Depth Scheduler::depth() const {
  const absl::Time now = options_.clock();
  absl::MutexLock lock(&mu_);
  Depth depth;
  depth.in_flight = in_flight_;
  depth.queued = tasks_.size() - in_flight_;
  const absl::Time oldest = queue_.OldestSubmission();
  if (oldest < now) depth.oldest = now - oldest;
  return depth;
}

}  // namespace portrait
