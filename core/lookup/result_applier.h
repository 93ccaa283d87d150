// ResultApplier stores the answers of sessions and then passes the stored state
// to the waiting callers. Answers that arrive during one write are stored
// together in the next.
#ifndef PORTRAIT_CORE_LOOKUP_RESULT_APPLIER_H_
#define PORTRAIT_CORE_LOOKUP_RESULT_APPLIER_H_

#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/lookup/answers.h"
#include "core/lookup/ask_guard.h"
#include "core/lookup/freshness.h"
#include "core/lookup/scheduler.h"
#include "core/store/picture_store.h"
#include "core/work/work_source.h"

namespace portrait {

// Thread-safe. Borrows store, scheduler and guard. Owns a thread, the only one
// that takes from scheduler.completed(). The destructor closes that queue:
// later results are dropped.
class ResultApplier {
 public:
  struct Options {
    FreshnessOptions freshness;
    bool isolates_tenants = false;  // as LookupEngineOptions says
  };

  ResultApplier(PictureStore& store, Scheduler& scheduler, Options options,
                AskGuard* guard, Clock clock);
  // Handles the results that the queue already holds before it returns.
  ~ResultApplier();

  ResultApplier(const ResultApplier&) = delete;
  ResultApplier& operator=(const ResultApplier&) = delete;

 private:
  void Run();
  void Handle(std::vector<CompletedTask> completed);
  // Returns one result for each observation.
  std::vector<absl::StatusOr<ApplyResult>> Apply(
      const std::vector<Observation>& observations);
  // Answers `waiter`, or adds it to `again` if the stored state is not enough.
  void Answer(const ContactTask& task, Waiter waiter, const ApplyResult& stored,
              absl::Time observed_at, Answers* answers,
              std::vector<Scheduler::Request>* again);
  void Complain(const absl::Status& status);

  PictureStore& store_;
  Scheduler& scheduler_;
  const Options options_;
  AskGuard* const guard_;  // null: no guard
  const Clock clock_;
  absl::Time last_complaint_ = absl::InfinitePast();  // used by the thread only
  std::thread thread_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_RESULT_APPLIER_H_
