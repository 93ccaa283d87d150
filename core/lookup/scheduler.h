// Scheduler holds the contacts that WhatsApp must be asked about until a
// session takes them. Tenants get fair shares; a unary call goes before bulk;
// what nobody waits for any more is dropped.
#ifndef PORTRAIT_CORE_LOOKUP_SCHEDULER_H_
#define PORTRAIT_CORE_LOOKUP_SCHEDULER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/base/clock.h"
#include "core/lookup/lookup_request.h"
#include "core/work/work_source.h"

namespace portrait {

struct SchedulerOptions {
  // A session that gave a task back gets it again, if no other takes it before,
  // after this long, and after twice as long each further time.
  absl::Duration give_back_pause = absl::Milliseconds(500);
  Clock clock = SystemClock();
};

// Thread-safe. Outlives the sessions that take from it and the engine that
// submits to it.
//
// Every waiter submitted is handed out again exactly once, by Submit (refused),
// Finish, Sweep, TakeOutQueued or Close, unless its sink goes before.
class Scheduler : public WorkSource {
 public:
  struct Request {
    ContactTask task;  // `id`, `urgent` and `attempts` are the scheduler's
    Waiter waiter;
  };
  struct Depth {
    size_t queued = 0;
    size_t in_flight = 0;
    absl::Duration oldest;  // the longest any queued one has waited
  };
  // A task that was removed; of id 0 and with nobody when it was not known (any
  // more).
  struct Finished {
    ContactTask task;
    std::vector<Waiter> waiters;
  };
  // One whose deadline has passed.
  struct Expired {
    Waiter waiter;
    bool asked = false;  // a session has the task and has not answered
  };

  static std::unique_ptr<Scheduler> Make(SchedulerOptions options);

  // Queues them. A request for a contact that is queued or in flight joins that
  // task when its answer will do for both. Returns those not taken because of
  // Close.
  virtual std::vector<Waiter> Submit(std::vector<Request> requests) = 0;

  // Where results and unasked observations (of task 0) go, from any thread,
  // without locks held; must not block. Without one they are dropped.
  using ResultHandler = std::function<void(std::vector<TaskResult>)>;
  virtual void SetResultHandler(ResultHandler handler) = 0;

  // Removes the tasks; one for each id, in order.
  virtual std::vector<Finished> Finish(absl::Span<const uint64_t> task_ids) = 0;

  // Removes the queued tasks that match and returns those who waited for them.
  // `matches` is called with a lock held.
  virtual std::vector<Waiter> TakeOutQueued(
      absl::FunctionRef<bool(const ContactTask&)> matches) = 0;

  // To be called a few times a second: takes out waiters whose deadline has
  // passed and drops tasks nobody waits for, some thousands a call.
  virtual std::vector<Expired> Sweep() = 0;

  // Takes out everyone who waits; no new ones are taken from now on.
  virtual std::vector<Waiter> Close() = 0;

  // The distinct `only_session`s of what is queued.
  virtual std::vector<std::string> SessionsWaitedFor() const = 0;

  virtual Depth depth() const = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_SCHEDULER_H_
