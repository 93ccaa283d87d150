// ResultApplier stores what sessions found and tells those who waited for it
// what was stored: all that comes while one write is under way goes into the
// next one.
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

// Thread-safe. Borrows store, scheduler and guard; has a thread of its own,
// which alone takes from scheduler.completed(). The destructor closes that
// queue: results that come later are dropped.
class ResultApplier {
 public:
  ResultApplier(PictureStore& store, Scheduler& scheduler, AskGuard* guard,
                FreshnessOptions freshness, Clock clock);
  // Handles first what the queue holds by now.
  ~ResultApplier();

  ResultApplier(const ResultApplier&) = delete;
  ResultApplier& operator=(const ResultApplier&) = delete;

 private:
  void Run();
  void Handle(std::vector<CompletedTask> completed);
  // One for each observation.
  std::vector<absl::StatusOr<ApplyResult>> Apply(
      const std::vector<Observation>& observations);
  // Answers `waiter`, or adds it to `again` when what is stored is not enough.
  void Answer(const ContactTask& task, Waiter waiter, const ApplyResult& stored,
              absl::Time observed_at, Answers* answers,
              std::vector<Scheduler::Request>* again);
  void Complain(const absl::Status& status);

  PictureStore& store_;
  Scheduler& scheduler_;
  AskGuard* const guard_;  // null: none
  const FreshnessOptions freshness_;
  const Clock clock_;
  absl::Time last_complaint_ = absl::InfinitePast();  // the thread's own
  std::thread thread_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_RESULT_APPLIER_H_
