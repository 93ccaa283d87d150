// LookupEngine answers batches of contacts: fresh ones from the store, the
// others by asking WhatsApp. WhatsApp's answers are stored before callers get
// them.
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
#include "core/base/fair_threads.h"
#include "core/base/in_flight_count.h"
#include "core/contact/contact.h"
#include "core/lookup/answers.h"
#include "core/lookup/ask_guard.h"
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
  AskGuard* guard = nullptr;  // borrowed; null: all queries are admitted
  // Each tenant is answered as if it were alone: from the store only with the
  // result of its own lookup, and without changes before its first lookup.
  bool isolates_tenants = false;
};

// Thread-safe. Borrows all arguments of its constructor.
class LookupEngine {
 public:
  LookupEngine(PictureStore& store, Scheduler& scheduler,
               SessionDirectory& sessions, FairThreads& store_threads,
               LookupEngineOptions options);
  // Drains with a timeout of zero.
  ~LookupEngine();

  // Every item gets exactly one result, which may be an error, unless the sink
  // is destroyed first. The store is read on the store threads, in turn with
  // other tenants. For one urgent item it is read before this returns, and the
  // sink may then be called from within this call. The caller must bound the
  // number of its outstanding items.
  //
  // Errors in results, beside those of a session's failure:
  //   INVALID_CONTACT  the contact or its country is invalid.
  //   OWN_NUMBER       the contact is a linked account, and the request
  //                    tells_accounts.
  //   SUPPRESSED       the contact objected.
  //   STORAGE          the store could not read the contact or store the
  //   answer. NO_SESSION       no account is linked, or none is connected
  //   (urgent). RATE_LIMITED     every account is at its limit (urgent).
  //   UPSTREAM_TIMEOUT WhatsApp did not answer by the call's deadline.
  //   ENUMERATION      the guard did not admit the query to WhatsApp.
  //   SHUTTING_DOWN    after Drain.
  void Lookup(std::shared_ptr<const LookupRequest> request,
              std::vector<LookupItem> items, std::weak_ptr<ResultSink> sink);

  // Stops accepting work: new items, and at once bulk items that no session has
  // taken, are answered SHUTTING_DOWN. Waits up to `timeout` until the other
  // items are answered; the rest is then answered SHUTTING_DOWN, too.
  void Drain(absl::Duration timeout);

 private:
  struct Read;  // an item of a call while it is read from the store

  std::shared_ptr<const LookupCall> MakeCall(
      std::shared_ptr<const LookupRequest> request,
      std::weak_ptr<ResultSink> sink);
  // Runs the steps of a call; on a store thread if it `may_block`.
  void Process(std::shared_ptr<const LookupCall> call,
               std::vector<LookupItem> items, bool may_block);
  void Refuse(const LookupCall& call, const std::vector<LookupItem>& items);
  std::vector<Read> Parse(const LookupRequest& request,
                          std::vector<LookupItem> items, ResultSink& sink,
                          LookupResults* results);
  // Answers items that are stored and fresh; returns requests for the others.
  std::vector<Scheduler::Request> AnswerFresh(
      const std::shared_ptr<const LookupCall>& call, std::vector<Read> reads,
      LookupResults* results, std::vector<ContactTie>* ties);
  // Sends results once their contacts are tied to the tenant.
  void SendTied(std::shared_ptr<const LookupCall> call, LookupResults results,
                std::vector<ContactTie> ties, bool may_block);
  Scheduler::Request MakeRequest(const std::shared_ptr<const LookupCall>& call,
                                 Read read, const RecordView* stored,
                                 const Wanted& wanted, absl::Time now) const;
  bool IsOwn(const Contact& contact) const;
  // The reason why WhatsApp cannot be asked now; nullopt if it can.
  std::optional<LookupFailure> WhyNot(const LookupCall& call);
  // Removes the contacts that the guard does not admit from `ask`.
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
