// CompletionQueue passes answered tasks, with their waiting callers, from the
// sessions to the thread that stores the answers.
#ifndef PORTRAIT_CORE_LOOKUP_COMPLETION_QUEUE_H_
#define PORTRAIT_CORE_LOOKUP_COMPLETION_QUEUE_H_

#include <cstddef>
#include <deque>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/lookup/lookup_request.h"
#include "core/work/work_source.h"

namespace portrait {

// A task that has left the scheduler, or an observation without a task.
struct CompletedTask {
  ContactTask task;  // id 0: an observation that WhatsApp sent without a query
  std::vector<Waiter> waiters;
  std::variant<Observation, LookupFailure> outcome;
};

// Thread-safe. Push never blocks.
class CompletionQueue {
 public:
  // Observations without a task are dropped beyond a limit. Tasks are not:
  // sessions hold a bounded number of them. After Close() everything is
  // dropped.
  void Push(std::vector<CompletedTask> completed);

  // Removes and returns the oldest tasks, at most `max`. Waits until there is
  // at least one; returns none only if the queue is closed and drained.
  std::vector<CompletedTask> Pop(size_t max);

  void Close();

  size_t size() const;

 private:
  mutable absl::Mutex mu_;
  std::deque<CompletedTask> completed_ ABSL_GUARDED_BY(mu_);
  // Number of tasks with id 0 in `completed_`.
  size_t without_task_ ABSL_GUARDED_BY(mu_) = 0;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_COMPLETION_QUEUE_H_
