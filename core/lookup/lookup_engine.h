// LookupEngine answers batches of contacts: from the store what is fresh, from
// WhatsApp the rest. What a caller hears is what was stored.
#ifndef PORTRAIT_CORE_LOOKUP_LOOKUP_ENGINE_H_
#define PORTRAIT_CORE_LOOKUP_LOOKUP_ENGINE_H_

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/in_flight_count.h"
#include "core/contact/contact.h"
#include "core/lookup/answers.h"
#include "core/lookup/ask_guard.h"
#include "core/lookup/fair_threads.h"
#include "core/lookup/freshness.h"
#include "core/lookup/lookup_request.h"
#include "core/lookup/lookup_results.h"
#include "core/lookup/result_applier.h"
#include "core/lookup/scheduler.h"
#include "core/store/picture_store.h"
#include "core/work/session_directory.h"

namespace portrait {

struct LookupEngineOptions {
  FreshnessOptions freshness = {};
  // An urgent lookup waits at most this long, whatever its deadline.
  absl::Duration max_urgent_wait = absl::Seconds(30);
  // Each call is answered this long before its deadline, so that the response
  // arrives in time.
  absl::Duration answer_lead = absl::Milliseconds(200);
  Clock clock = SystemClock();
  AskGuard* guard = nullptr;  // borrowed; null: anything may be asked
};

// Thread-safe. Borrows everything it is made with.
class LookupEngine {
 public:
  LookupEngine(PictureStore& store, Scheduler& scheduler,
               SessionDirectory& sessions, FairThreads& store_threads,
               LookupEngineOptions options);
  // Drains without patience.
  ~LookupEngine();

  // Every item gets exactly one result, an error too, unless the sink goes
  // first. The store is read on the store threads, in turn with other tenants;
  // for one urgent item before this returns, and the sink may then hear of it
  // from within the call.
  // The caller bounds what it has outstanding.
  //
  // Errors in results, beside those of a session's failure:
  //   INVALID_CONTACT  saying what is wrong with it, or with its country.
  //   OWN_NUMBER       of an account that lookups go through.
  //   SUPPRESSED       the contact objected.
  //   STORAGE          the store could not read it, or write what was found.
  //   NO_SESSION       no account is linked, or none is connected (urgent).
  //   RATE_LIMITED     every account is at its limit (urgent).
  //   UPSTREAM_TIMEOUT WhatsApp did not answer by the call's deadline.
  //   ENUMERATION      the guard does not let WhatsApp be asked.
  //   SHUTTING_DOWN    after Drain.
  void Lookup(std::shared_ptr<const LookupRequest> request,
              std::vector<LookupItem> items, std::weak_ptr<ResultSink> sink);

  // No new work from now on: what comes is answered SHUTTING_DOWN, and so are,
  // at once, bulk items that no session has taken. Waits until the others are
  // answered or `timeout` has passed; the rest is then answered SHUTTING_DOWN.
  void Drain(absl::Duration timeout);

 private:
  struct Read;  // an item of a call on its way through the store

  std::shared_ptr<const LookupCall> MakeCall(
      std::shared_ptr<const LookupRequest> request,
      std::weak_ptr<ResultSink> sink);
  // The steps of a call, on a store thread.
  void Process(std::shared_ptr<const LookupCall> call,
               std::vector<LookupItem> items);
  void Refuse(const LookupCall& call, const std::vector<LookupItem>& items);
  std::vector<Read> Parse(const LookupRequest& request,
                          std::vector<LookupItem> items,
                          LookupResults* results);
  // Answers what is stored and fresh; returns what must be asked.
  std::vector<Scheduler::Request> AnswerFresh(
      const std::shared_ptr<const LookupCall>& call, std::vector<Read> reads,
      LookupResults* results);
  Scheduler::Request MakeRequest(const std::shared_ptr<const LookupCall>& call,
                                 Read read, const RecordView* stored,
                                 const Wanted& wanted, absl::Time now) const;
  bool IsOwn(const Contact& contact) const;
  // Why WhatsApp cannot be asked now; nothing when it can.
  std::optional<LookupFailure> WhyNot(const LookupCall& call);
  // Leaves in `ask` what the guard admits.
  void AskGuardFor(const LookupCall& call, std::vector<Scheduler::Request>* ask,
                   LookupResults* results);

  void SweepUntilStopped();
  void FailWithoutSessions(Answers* answers);
  void FailUntakenBulk();

  PictureStore& store_;
  Scheduler& scheduler_;
  SessionDirectory& sessions_;
  FairThreads& store_threads_;
  const LookupEngineOptions options_;
  const std::shared_ptr<InFlightCount> calls_ =
      std::make_shared<InFlightCount>();
  std::atomic<bool> draining_ = false;

  ResultApplier applier_;
  absl::Notification stop_sweeping_;
  std::thread sweeper_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_LOOKUP_ENGINE_H_
