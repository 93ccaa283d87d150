// Scheduler holds the contacts that WhatsApp must be asked about until a
// session takes them. Tenants get fair shares; a unary call goes before bulk;
// what nobody waits for any more is dropped.
#ifndef PORTRAIT_CORE_LOOKUP_SCHEDULER_H_
#define PORTRAIT_CORE_LOOKUP_SCHEDULER_H_

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/session/work_source.h"

namespace portrait {

struct SchedulerOptions {
  Clock clock = SystemClock();
};

// Somebody who waits for a task. Told at most once, from any thread.
struct TaskWaiter {
  std::string tenant;
  bool urgent = false;
  absl::Time deadline = absl::InfiniteFuture();
  // False: nobody listens any more.
  std::function<bool()> wanted;
  // Called without locks held; must not block.
  std::function<void(const TaskResult& result)> done;
};

// Thread-safe. Outlives the sessions that take from it.
class Scheduler : public WorkSource {
 public:
  struct Request {
    ContactTask task;
    TaskWaiter waiter;
  };
  struct Depth {
    size_t queued = 0;
    size_t in_flight = 0;
    absl::Duration oldest;
  };
  // What sessions found: applied to the store by the engine, which then calls
  // Finish with what callers should hear. Set once.
  using ResultHandler = std::function<void(std::vector<TaskResult>)>;

  static std::unique_ptr<Scheduler> Make(SchedulerOptions options);

  // Queues them. A request for a contact that is queued or in flight joins that
  // task when its answer will do for both.
  virtual void Submit(std::vector<Request> requests) = 0;

  virtual void SetResultHandler(ResultHandler handler) = 0;
  virtual void SetObservationHandler(
      std::function<void(Observation)> handler) = 0;

  // Removes the task and returns those who waited for it; empty when it is not
  // known (any more).
  virtual std::vector<TaskWaiter> Finish(uint64_t task_id) = 0;

  // Fails, with `why`, every queued task that `matches`.
  virtual void Fail(const std::function<bool(const ContactTask&)>& matches,
                    const LookupFailure& why) = 0;

  // Tells waiters whose deadline has passed; drops tasks nobody waits for.
  // Called a few times a second by the engine.
  virtual void Sweep() = 0;

  virtual Depth depth() const = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_SCHEDULER_H_
