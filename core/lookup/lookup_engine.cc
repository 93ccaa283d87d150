#include "core/lookup/lookup_engine.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "core/base/in_flight_count.h"
#include "core/lookup/answers.h"
#include "core/lookup/contact.h"
#include "core/lookup/failures.h"
#include "core/lookup/render.h"
#include "core/lookup/result_applier.h"

namespace portrait {
namespace {

constexpr absl::Duration kSweepInterval = absl::Milliseconds(100);
// While draining: how often bulk that came back unasked is looked for.
constexpr absl::Duration kDrainInterval = absl::Milliseconds(20);

// An item of a call on its way through the store.
struct Read {
  Waiter waiter;
  Contact contact;
};

class StoreFirstEngine : public LookupEngine {
 public:
  StoreFirstEngine(PictureStore& store, Scheduler& scheduler,
                   SessionDirectory& sessions, LookupEngineOptions options);
  ~StoreFirstEngine() override;

  void Lookup(std::shared_ptr<const LookupRequest> request,
              std::vector<LookupItem> items,
              std::weak_ptr<ResultSink> sink) override;
  void RunOnStoreThread(std::function<void()> work) override;
  void Drain(absl::Duration timeout) override;

 private:
  std::shared_ptr<const LookupCall> MakeCall(
      std::shared_ptr<const LookupRequest> request,
      std::weak_ptr<ResultSink> sink);
  // The steps of a call, on a store thread.
  void Process(std::shared_ptr<const LookupCall> call,
               std::vector<LookupItem> items);
  std::vector<Read> Parse(const std::shared_ptr<const LookupCall>& call,
                          std::vector<LookupItem> items, Answers* answers);
  std::vector<absl::StatusOr<StoredContact>> GetStored(
      const std::vector<Read>& reads);
  std::vector<Scheduler::Request> AnswerFresh(std::vector<Read> reads,
                                              Answers* answers);
  // Why WhatsApp cannot be asked now; nothing when it can.
  std::optional<LookupFailure> WhyNot(const LookupCall& call);

  void SweepUntilStopped();
  void FailWithoutSessions(Answers* answers);
  void FailUntakenBulk();

  PictureStore& store_;
  Scheduler& scheduler_;
  SessionDirectory& sessions_;
  const LookupEngineOptions options_;
  const std::shared_ptr<InFlightCount> calls_ =
      std::make_shared<InFlightCount>();
  std::atomic<bool> draining_ = false;

  ResultApplier applier_;
  boost::asio::thread_pool store_threads_;
  absl::Notification stop_sweeping_;
  std::thread sweeper_;
};

StoreFirstEngine::StoreFirstEngine(PictureStore& store, Scheduler& scheduler,
                                   SessionDirectory& sessions,
                                   LookupEngineOptions options)
    : store_(store),
      scheduler_(scheduler),
      sessions_(sessions),
      options_(std::move(options)),
      applier_(store, scheduler, options_.freshness, options_.clock),
      store_threads_(std::max<size_t>(options_.store_threads, 1)),
      sweeper_([this] { SweepUntilStopped(); }) {}

StoreFirstEngine::~StoreFirstEngine() {
  Drain(absl::ZeroDuration());
  store_threads_.join();
  stop_sweeping_.Notify();
  sweeper_.join();
}

// ---- a call ----------------------------------------------------------------

std::shared_ptr<const LookupCall> StoreFirstEngine::MakeCall(
    std::shared_ptr<const LookupRequest> request,
    std::weak_ptr<ResultSink> sink) {
  auto call = std::make_shared<LookupCall>();
  if (request->urgent) {
    const absl::Time now = options_.clock();
    call->deadline = std::min(request->deadline - options_.answer_lead,
                              now + options_.max_urgent_wait);
  }
  call->request = std::move(request);
  call->sink = std::move(sink);
  calls_->Add();
  call->in_flight = std::shared_ptr<void>(
      nullptr, [calls = calls_](void*) { calls->Remove(); });
  return call;
}

void StoreFirstEngine::Lookup(std::shared_ptr<const LookupRequest> request,
                              std::vector<LookupItem> items,
                              std::weak_ptr<ResultSink> sink) {
  boost::asio::post(store_threads_, [this, refused = draining_.load(),
                                     call = MakeCall(std::move(request),
                                                     std::move(sink)),
                                     items = std::move(items)]() mutable {
    if (!refused) {
      Process(std::move(call), std::move(items));
      return;
    }
    Answers answers;
    for (const LookupItem& item : items) {
      answers.Add(Waiter{.call = call, .tag = item.tag}, ShuttingDownFailure());
    }
    answers.Send();
  });
}

void StoreFirstEngine::Process(std::shared_ptr<const LookupCall> call,
                               std::vector<LookupItem> items) {
  if (call->sink.expired()) return;
  // 1. What the store has, and what needs no store to be answered.
  Answers answers;
  std::vector<Read> reads = Parse(call, std::move(items), &answers);
  std::vector<Scheduler::Request> ask = AnswerFresh(std::move(reads), &answers);
  // 2. Whether WhatsApp can be asked for the rest.
  if (!ask.empty()) {
    if (const std::optional<LookupFailure> why = WhyNot(*call)) {
      for (const Scheduler::Request& request : ask) {
        answers.Add(request.waiter, *why);
      }
      ask.clear();
    }
  }
  answers.Send();
  if (ask.empty()) return;
  // 3. Asking.
  answers.Add(scheduler_.Submit(std::move(ask)), ShuttingDownFailure());
  answers.Send();
}

std::vector<Read> StoreFirstEngine::Parse(
    const std::shared_ptr<const LookupCall>& call,
    std::vector<LookupItem> items, Answers* answers) {
  std::vector<Read> reads;
  reads.reserve(items.size());
  for (LookupItem& item : items) {
    Waiter waiter{.call = call,
                  .tag = item.tag,
                  .existing_id = std::move(item.existing_id)};
    absl::StatusOr<Contact> contact = ParseContact(item.contact);
    if (!contact.ok()) {
      answers->Add(waiter, InvalidContactFailure(contact.status()));
    } else if (sessions_.IsOwn(contact->jid)) {
      answers->Add(waiter, OwnNumberFailure());
    } else {
      reads.push_back({std::move(waiter), *std::move(contact)});
    }
  }
  return reads;
}

std::vector<absl::StatusOr<StoredContact>> StoreFirstEngine::GetStored(
    const std::vector<Read>& reads) {
  std::vector<std::string> jids;
  jids.reserve(reads.size());
  for (const Read& read : reads) jids.push_back(read.contact.jid.ToString());

  std::vector<absl::StatusOr<StoredContact>> stored;
  stored.reserve(jids.size());
  absl::StatusOr<std::vector<StoredContact>> all = store_.Get(jids);
  if (all.ok()) {
    std::move(all->begin(), all->end(), std::back_inserter(stored));
    return stored;
  }
  if (!absl::IsDataLoss(all.status())) {
    stored.assign(jids.size(), all.status());
    return stored;
  }
  // One record is damaged; the others can still be read.
  for (const std::string& jid : jids) {
    absl::StatusOr<std::vector<StoredContact>> one =
        store_.Get(absl::MakeConstSpan(&jid, 1));
    if (one.ok()) {
      stored.push_back(std::move(one->front()));
    } else {
      stored.push_back(one.status());
    }
  }
  return stored;
}

std::vector<Scheduler::Request> StoreFirstEngine::AnswerFresh(
    std::vector<Read> reads, Answers* answers) {
  std::vector<Scheduler::Request> ask;
  if (reads.empty()) return ask;
  std::vector<absl::StatusOr<StoredContact>> stored = GetStored(reads);
  const absl::Time now = options_.clock();
  for (size_t i = 0; i < reads.size(); ++i) {
    Waiter& waiter = reads[i].waiter;
    if (!stored[i].ok()) {
      answers->Add(waiter, StorageFailure("read", stored[i].status()));
      continue;
    }
    if (stored[i]->suppressed) {
      answers->Add(waiter, SuppressedFailure());
      continue;
    }
    std::optional<store::v1::ContactRecord>& record = stored[i]->record;
    const Wanted wanted = WantedBy(*waiter.call->request, waiter.existing_id);
    if (record && IsFresh(*record, wanted, options_.freshness, now)) {
      answers->Add(waiter, RenderProfilePicture(*std::move(record), wanted,
                                                v1::SOURCE_STORE, now));
      continue;
    }
    Scheduler::Request& request = ask.emplace_back();
    request.task.jid = std::move(reads[i].contact.jid);
    request.task.kind = reads[i].contact.kind;
    FillNeeds(record ? &*record : nullptr, wanted, options_.freshness, now,
              &request.task);
    request.waiter = std::move(waiter);
  }
  return ask;
}

std::optional<LookupFailure> StoreFirstEngine::WhyNot(const LookupCall& call) {
  const std::string& session = call.request->session;
  const SessionDirectory::Availability availability =
      sessions_.GetAvailability(session);
  if (availability.linked == 0) return NoSessionFailure(session);
  // Bulk waits for its turn, held by flow control.
  if (!call.request->urgent || availability.ready > 0) return std::nullopt;
  if (availability.next_ready <= call.deadline) return std::nullopt;
  return NotReadyFailure(availability, options_.clock());
}

void StoreFirstEngine::RunOnStoreThread(std::function<void()> work) {
  boost::asio::post(store_threads_, std::move(work));
}

// ---- those who wait --------------------------------------------------------

void StoreFirstEngine::SweepUntilStopped() {
  while (!stop_sweeping_.WaitForNotificationWithTimeout(kSweepInterval)) {
    Answers answers;
    for (const Scheduler::Expired& expired : scheduler_.Sweep()) {
      const std::string& session = expired.waiter.call->request->session;
      answers.Add(expired.waiter,
                  expired.asked
                      ? NoAnswerFailure()
                      : NotReadyFailure(sessions_.GetAvailability(session),
                                        options_.clock()));
    }
    FailWithoutSessions(&answers);
    answers.Send();
  }
}

// Accounts that are logged out do not come back by themselves.
void StoreFirstEngine::FailWithoutSessions(Answers* answers) {
  for (const std::string& session : scheduler_.SessionsWaitedFor()) {
    if (sessions_.GetAvailability(session).linked > 0) continue;
    answers->Add(scheduler_.TakeOutQueued([&](const ContactTask& task) {
      return task.only_session == session;
    }),
                 NoSessionFailure(session));
  }
}

void StoreFirstEngine::FailUntakenBulk() {
  Answers answers;
  answers.Add(scheduler_.TakeOutQueued(
                  [](const ContactTask& task) { return !task.urgent; }),
              ShuttingDownFailure());
  answers.Send();
}

void StoreFirstEngine::Drain(absl::Duration timeout) {
  draining_ = true;
  const absl::Time give_up = absl::Now() + timeout;
  do {
    FailUntakenBulk();
    const absl::Duration left = give_up - absl::Now();
    if (calls_->WaitUntilZero(std::min(kDrainInterval, left))) return;
  } while (absl::Now() < give_up);
  Answers answers;
  answers.Add(scheduler_.Close(), ShuttingDownFailure());
  answers.Send();
}

}  // namespace

std::unique_ptr<LookupEngine> LookupEngine::Make(PictureStore& store,
                                                 Scheduler& scheduler,
                                                 SessionDirectory& sessions,
                                                 LookupEngineOptions options) {
  return std::make_unique<StoreFirstEngine>(store, scheduler, sessions,
                                            std::move(options));
}

}  // namespace portrait
