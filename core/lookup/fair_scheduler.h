// FairScheduler is the Scheduler: a list of tasks, found by id and by contact,
// and two queues of those that no session has, by urgency.
#ifndef PORTRAIT_CORE_LOOKUP_FAIR_SCHEDULER_H_
#define PORTRAIT_CORE_LOOKUP_FAIR_SCHEDULER_H_

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "core/lookup/fair_queue.h"
#include "core/lookup/scheduler.h"
#include "core/lookup/task.h"

namespace portrait {

// Thread-safe. One lock, held for memory operations only; what is removed is
// destroyed after it was let go.
class FairScheduler : public Scheduler {
 public:
  explicit FairScheduler(SchedulerOptions options)
      : options_(std::move(options)) {}

  std::vector<Waiter> Submit(std::vector<Request> requests) override;
  void SetResultHandler(ResultHandler handler) override;
  std::vector<Finished> Finish(absl::Span<const uint64_t> task_ids) override;
  std::vector<Waiter> TakeOutQueued(
      absl::FunctionRef<bool(const ContactTask&)> matches) override;
  std::vector<Expired> Sweep() override;
  std::vector<Waiter> Close() override;
  std::vector<std::string> SessionsWaitedFor() const override;
  Depth depth() const override;

  std::vector<ContactTask> Take(const std::string& session,
                                size_t max_contacts) override;
  std::vector<ContactTask> TakeUrgent(const std::string& session,
                                      size_t max_contacts) override;
  void Complete(std::vector<TaskResult> results) override;
  void GiveBack(std::vector<ContactTask> tasks, LookupFailure why) override;
  void PutBack(std::vector<ContactTask> tasks) override;
  void Observe(Observation observation) override;
  void SetWaker(std::function<void()> wake) override;

 private:
  using TaskList = std::list<Task>;

  // The tasks that a new request for the same contact may join.
  struct Joinable {
    Task* queued = nullptr;
    Task* in_flight = nullptr;  // the one taken last
  };
  struct Deadline {
    absl::Time time;
    uint64_t task_id;
    bool operator<(const Deadline& other) const { return time > other.time; }
  };
  enum class Standing { kNew, kPutBack, kGivenBack };

  FairQueue& QueueOf(const Task& task) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return task.contact.urgent ? urgent_ : bulk_;
  }
  void SubmitLocked(Request request, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void JoinLocked(Request request, Task* task)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void AddWaiterLocked(Waiter waiter, Task* task)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void EnqueueLocked(Task* task, Standing standing)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void RequeueLocked(Task* task, Standing standing, TaskList* trash)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void RemoveLocked(Task* task, TaskList* trash)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool TakeBatchLocked(const std::string& session, absl::Time now,
                       size_t max_contacts, std::vector<ContactTask>* taken,
                       TaskList* trash) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void TakeFromLocked(FairQueue* queue, ContactKind kind,
                      const std::string& session, absl::Time now, size_t max,
                      std::vector<ContactTask>* taken, TaskList* trash)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ExpireLocked(absl::Time now, std::vector<Expired>* expired,
                    TaskList* trash) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void DropUnwantedLocked(std::vector<Waiter>* nobody, TaskList* trash)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  Task* FindLocked(uint64_t task_id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  bool ShouldWakeLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Wake();
  void HandOn(std::vector<TaskResult> results);
  void NoteWhoWaitsLocked(TaskResult* result)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const SchedulerOptions options_;

  mutable absl::Mutex mu_;
  TaskList tasks_ ABSL_GUARDED_BY(mu_);  // swept from the front
  absl::flat_hash_map<uint64_t, TaskList::iterator> by_id_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, Joinable> by_contact_ ABSL_GUARDED_BY(mu_);
  FairQueue urgent_ ABSL_GUARDED_BY(mu_);
  FairQueue bulk_ ABSL_GUARDED_BY(mu_);
  std::priority_queue<Deadline> deadlines_ ABSL_GUARDED_BY(mu_);
  uint64_t last_id_ ABSL_GUARDED_BY(mu_) = 0;
  size_t in_flight_ ABSL_GUARDED_BY(mu_) = 0;
  size_t urgent_since_bulk_ ABSL_GUARDED_BY(mu_) = 0;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  // The pool was woken and no session came yet: more calls would be no news.
  bool woken_ ABSL_GUARDED_BY(mu_) = false;
  std::shared_ptr<const std::function<void()>> wake_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<const ResultHandler> handler_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_FAIR_SCHEDULER_H_
