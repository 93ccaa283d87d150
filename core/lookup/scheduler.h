// Scheduler holds the contacts that WhatsApp must be asked about until a
// session has answered them. Tenants get fair shares, within a share unary
// calls go before bulk, and a task without waiting callers is dropped.
//
//   LookupEngine ──Submit──► Scheduler ──Take──────► sessions
//                             owns │  ◄──Complete── (WorkSource)
//                                  ▼
//   ResultApplier ◄──Pop──── CompletionQueue
//     stores, then answers    tasks with their waiters and results
#ifndef PORTRAIT_CORE_LOOKUP_SCHEDULER_H_
#define PORTRAIT_CORE_LOOKUP_SCHEDULER_H_

#include <list>
#include <memory>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/lookup/completion_queue.h"
#include "core/lookup/fair_queue.h"
#include "core/lookup/lookup_request.h"
#include "core/lookup/task.h"
#include "core/work/work_source.h"

namespace portrait {

struct SchedulerOptions {
  // If no other session takes a task first, the session that gave it back gets
  // it again after this pause, which doubles with each further time.
  absl::Duration give_back_pause = absl::Milliseconds(500);
  Clock clock = SystemClock();
};

// Thread-safe, with one lock that is held for memory operations only. Must
// outlive the sessions that take from it and the engine that submits to it.
//
// Every submitted waiter leaves exactly once: by Submit (refused), Sweep,
// TakeOutQueued, Close or the completion queue, unless its sink is destroyed
// earlier.
class Scheduler : public WorkSource {
 public:
  struct Request {
    ContactTask task;  // the scheduler sets `id`, `urgent` and `attempts`
    Waiter waiter;
  };
  struct Depth {
    size_t queued = 0;
    size_t in_flight = 0;
    absl::Duration oldest;  // the longest wait among the queued tasks
  };
  // A waiter whose deadline has passed.
  struct Expired {
    Waiter waiter;
    bool asked = false;  // a session has taken the task and not answered it
  };

  explicit Scheduler(SchedulerOptions options = {})
      : options_(std::move(options)) {}

  // Queues the requests. A request for a contact that is queued or in flight
  // joins that task if the task's answer covers it. Returns the waiters that
  // were refused because of Close.
  std::vector<Waiter> Submit(std::vector<Request> requests);

  // The queue of ended tasks, including failed ones, and of observations.
  CompletionQueue& completed() { return completed_; }

  // Removes the queued tasks that match and returns their waiters. `matches` is
  // called with a lock held.
  std::vector<Waiter> TakeOutQueued(
      absl::FunctionRef<bool(const ContactTask&)> matches);

  // Call it a few times per second: takes out waiters whose deadline has passed
  // and drops tasks without waiters, some thousands per call.
  std::vector<Expired> Sweep();

  // Takes out all waiters and refuses new ones from now on.
  std::vector<Waiter> Close();

  // The distinct `only_session`s of the queued tasks.
  std::vector<std::string> SessionsWaitedFor() const;
  Depth depth() const;

  std::vector<ContactTask> Take(const std::string& session,
                                size_t max_contacts) override;
  std::vector<ContactTask> TakeUrgent(const std::string& session,
                                      size_t max_contacts) override;
  void Complete(std::vector<TaskResult> results) override;
  void GiveBack(std::vector<ContactTask> tasks, LookupFailure why) override;
  void PutBack(std::vector<ContactTask> tasks) override;
  void Observe(Observation observation) override;
  void SetWaker(Waker wake) override;

 private:
  using TaskList = std::list<Task>;
  using Wakes = std::vector<NewWork>;  // sent after the lock is released
  struct Batch;  // the tasks that a session takes in one call
  enum class Standing { kNew, kPutBack, kGivenBack };

  void SubmitLocked(Request, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void JoinLocked(Request, Task*) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void AddWaiterLocked(Waiter, Task*) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void EnqueueLocked(Task*, Standing) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void RemoveLocked(Task*, TaskList* trash) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ExpireLocked(absl::Time now, std::vector<Expired>* expired,
                    TaskList* trash) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void DropUnwantedLocked(std::vector<Waiter>* gone, TaskList* trash)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  Task* FindLocked(uint64_t task_id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  void TakeLocked(FairQueue::Wanted, Batch*) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void RequeueLocked(Task*, Standing, TaskList* trash)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  CompletedTask CompleteLocked(TaskResult, TaskList* trash)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void AddWakeLocked(Wakes*) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Wake(const Wakes& wakes);

  const SchedulerOptions options_;
  CompletionQueue completed_;
  mutable absl::Mutex mu_;
  TaskList tasks_ ABSL_GUARDED_BY(mu_);  // Sweep checks it from the front
  absl::flat_hash_map<uint64_t, TaskList::iterator> by_id_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, JoinableTasks> by_contact_
      ABSL_GUARDED_BY(mu_);
  FairQueue queue_ ABSL_GUARDED_BY(mu_);
  std::priority_queue<TaskDeadline> deadlines_ ABSL_GUARDED_BY(mu_);
  uint64_t last_id_ ABSL_GUARDED_BY(mu_) = 0;
  size_t in_flight_ ABSL_GUARDED_BY(mu_) = 0;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  // A session was woken for (urgent) work and has not called Take yet.
  bool woken_ ABSL_GUARDED_BY(mu_) = false;
  bool woken_urgent_ ABSL_GUARDED_BY(mu_) = false;
  std::shared_ptr<const Waker> wake_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_SCHEDULER_H_
