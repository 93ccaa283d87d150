// The side of the scheduler that sessions see.
#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>

#include "core/lookup/fair_scheduler.h"

namespace portrait {
namespace {

// Of this many places in a batch one is bulk's, also when urgent tasks would
// fill them all.
constexpr size_t kUrgentPerBulk = 8;

}  // namespace

std::unique_ptr<Scheduler> Scheduler::Make(SchedulerOptions options) {
  return std::make_unique<FairScheduler>(std::move(options));
}

std::vector<ContactTask> FairScheduler::Take(const std::string& session,
                                             size_t max_contacts) {
  std::vector<ContactTask> taken;
  if (max_contacts == 0) return taken;
  const absl::Time now = options_.clock();
  TaskList trash;
  absl::MutexLock lock(&mu_);
  woken_ = false;
  // Once more when all of a kind were dropped, unwanted.
  while (taken.empty() &&
         TakeBatchLocked(session, now, max_contacts, &taken, &trash)) {
  }
  return taken;
}

bool FairScheduler::TakeBatchLocked(const std::string& session, absl::Time now,
                                    size_t max_contacts,
                                    std::vector<ContactTask>* taken,
                                    TaskList* trash) {
  const std::optional<ContactKind> urgent = urgent_.NextKind(session, now);
  const std::optional<ContactKind> bulk = bulk_.NextKind(session, now);
  if (!urgent && !bulk) return false;

  const bool bulk_leads =
      bulk && (!urgent || urgent_since_bulk_ >= kUrgentPerBulk);
  const ContactKind kind = bulk_leads ? *bulk : *urgent;
  size_t for_bulk = bulk ? max_contacts / kUrgentPerBulk : 0;
  if (bulk_leads) for_bulk = std::max<size_t>(for_bulk, 1);

  TakeFromLocked(&urgent_, kind, session, now, max_contacts - for_bulk, taken,
                 trash);
  const size_t urgent_taken = taken->size();
  TakeFromLocked(&bulk_, kind, session, now, max_contacts, taken, trash);
  const bool bulk_served = taken->size() > urgent_taken;
  // Where bulk left places free.
  TakeFromLocked(&urgent_, kind, session, now, max_contacts, taken, trash);
  urgent_since_bulk_ = bulk_served ? 0 : urgent_since_bulk_ + taken->size();
  return true;
}

std::vector<ContactTask> FairScheduler::TakeUrgent(const std::string& session,
                                                   size_t max_contacts) {
  std::vector<ContactTask> taken;
  const absl::Time now = options_.clock();
  TaskList trash;
  absl::MutexLock lock(&mu_);
  woken_ = false;
  while (taken.empty() && max_contacts > 0) {
    const std::optional<ContactKind> kind = urgent_.NextKind(session, now);
    if (!kind) break;
    TakeFromLocked(&urgent_, *kind, session, now, max_contacts, &taken, &trash);
  }
  return taken;
}

// Adds to `taken` until it holds `max`.
void FairScheduler::TakeFromLocked(FairQueue* queue, ContactKind kind,
                                   const std::string& session, absl::Time now,
                                   size_t max, std::vector<ContactTask>* taken,
                                   TaskList* trash) {
  if (taken->size() >= max) return;
  queue->Take(kind, session, now, max - taken->size(), [&](Task* task) {
    const bool wanted =
        std::any_of(task->waiters.begin(), task->waiters.end(),
                    [](const Waiter& waiter) { return !waiter.gone(); });
    if (!wanted) {
      RemoveLocked(task, trash);
      return false;
    }
    task->in_flight = true;
    task->taken_by = session;
    ++in_flight_;
    Joinable& joinable = by_contact_[SharingKey(task->contact)];
    joinable.queued = nullptr;
    joinable.in_flight = task;
    taken->push_back(task->contact);
    return true;
  });
}

void FairScheduler::GiveBack(std::vector<ContactTask> tasks,
                             LookupFailure why) {
  const absl::Time now = options_.clock();
  std::vector<TaskResult> failed;
  TaskList trash;
  bool wake = false;
  {
    absl::MutexLock lock(&mu_);
    for (const ContactTask& given : tasks) {
      Task* const task = FindLocked(given.id);
      if (task == nullptr || !task->in_flight) continue;
      if (++task->contact.attempts >= kMaxTaskAttempts) {
        failed.push_back({given.id, why});
        continue;
      }
      const int doublings = task->contact.attempts - 1;
      task->not_before = now + options_.give_back_pause * (1 << doublings);
      RequeueLocked(task, Standing::kGivenBack, &trash);
    }
    wake = ShouldWakeLocked();
  }
  if (wake) Wake();
  if (!failed.empty()) HandOn(std::move(failed));
}

void FairScheduler::PutBack(std::vector<ContactTask> tasks) {
  TaskList trash;
  bool wake = false;
  {
    absl::MutexLock lock(&mu_);
    // The first of them is pushed to the front last.
    for (auto given = tasks.rbegin(); given != tasks.rend(); ++given) {
      Task* const task = FindLocked(given->id);
      if (task == nullptr || !task->in_flight) continue;
      RequeueLocked(task, Standing::kPutBack, &trash);
    }
    wake = ShouldWakeLocked();
  }
  if (wake) Wake();
}

void FairScheduler::RequeueLocked(Task* task, Standing standing,
                                  TaskList* trash) {
  if (task->waiters.empty()) {
    RemoveLocked(task, trash);
    return;
  }
  Joinable& joinable = by_contact_[SharingKey(task->contact)];
  Task* const other = joinable.queued;
  if (other == nullptr) {
    --in_flight_;
    task->in_flight = false;
    if (joinable.in_flight == task) joinable.in_flight = nullptr;
    joinable.queued = task;
    EnqueueLocked(task, standing);
    return;
  }
  // Somebody asked for more meanwhile: one task again, with the needs of both.
  QueueOf(*other).Remove(other);
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

void FairScheduler::Complete(std::vector<TaskResult> results) {
  HandOn(std::move(results));
}

void FairScheduler::Observe(Observation observation) {
  std::vector<TaskResult> unasked;
  unasked.push_back({0, std::move(observation)});
  HandOn(std::move(unasked));
}

void FairScheduler::HandOn(std::vector<TaskResult> results) {
  std::shared_ptr<const ResultHandler> handler;
  {
    absl::MutexLock lock(&mu_);
    handler = handler_;
    for (TaskResult& result : results) NoteWhoWaitsLocked(&result);
  }
  if (handler != nullptr) {
    (*handler)(std::move(results));
    return;
  }
  std::vector<uint64_t> ids;
  for (const TaskResult& result : results) ids.push_back(result.task_id);
  Finish(ids);
}

// What is seen of a contact that was forgotten meanwhile is stored only if
// somebody has asked for it since.
void FairScheduler::NoteWhoWaitsLocked(TaskResult* result) {
  auto* const seen = std::get_if<Observation>(&result->outcome);
  if (seen == nullptr || result->task_id == 0) return;
  seen->forget_count = 0;
  const Task* const task = FindLocked(result->task_id);
  if (task == nullptr) return;
  for (const Waiter& waiter : task->waiters) {
    seen->forget_count =
        std::max(seen->forget_count, waiter.call->forget_count);
  }
}

void FairScheduler::SetResultHandler(ResultHandler handler) {
  auto shared = handler == nullptr
                    ? nullptr
                    : std::make_shared<const ResultHandler>(std::move(handler));
  absl::MutexLock lock(&mu_);
  handler_.swap(shared);
}

std::vector<Scheduler::Finished> FairScheduler::Finish(
    absl::Span<const uint64_t> task_ids) {
  std::vector<Finished> finished(task_ids.size());
  TaskList trash;
  absl::MutexLock lock(&mu_);
  for (size_t i = 0; i < task_ids.size(); ++i) {
    Task* const task = FindLocked(task_ids[i]);
    if (task == nullptr) continue;
    finished[i].task = task->contact;
    finished[i].waiters = std::move(task->waiters);
    RemoveLocked(task, &trash);
  }
  return finished;
}

// ---- waking ----------------------------------------------------------------

void FairScheduler::SetWaker(std::function<void()> wake) {
  auto shared = std::make_shared<const std::function<void()>>(std::move(wake));
  absl::MutexLock lock(&mu_);
  wake_.swap(shared);
}

bool FairScheduler::ShouldWakeLocked() {
  const bool has_work = !urgent_.empty() || !bulk_.empty();
  if (!has_work || woken_) return false;
  woken_ = true;
  return true;
}

void FairScheduler::Wake() {
  std::shared_ptr<const std::function<void()>> wake;
  {
    absl::MutexLock lock(&mu_);
    wake = wake_;
  }
  if (wake != nullptr && *wake) (*wake)();
}

}  // namespace portrait
