#include "core/lookup/lookup_engine.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "core/base/telemetry.h"
#include "core/lookup/failures.h"
#include "core/lookup/tenant_record.h"
#include "core/store/contact_reads.h"

namespace portrait {
namespace {

constexpr absl::Duration kSweepInterval = absl::Milliseconds(100);
// While draining, how often returned bulk tasks are looked for.
constexpr absl::Duration kDrainInterval = absl::Milliseconds(20);

void Send(const LookupCall& call, LookupResults results) {
  if (results.empty()) return;
  if (const auto sink = call.sink.lock()) sink->OnResults(std::move(results));
}

// Whether `contact` is digits or a JID, which are read in microseconds; other
// spellings take a telephone number library.
bool IsPlain(absl::string_view contact) {
  if (absl::StrContains(contact, '@')) return true;
  absl::ConsumePrefix(&contact, "+");
  return absl::c_all_of(contact, absl::ascii_isdigit);
}

}  // namespace

struct LookupEngine::Read {
  LookupItem item;
  Contact contact;
};

LookupEngine::LookupEngine(PictureStore& store, Scheduler& scheduler,
                           SessionDirectory& sessions,
                           FairThreads& store_threads,
                           LookupEngineOptions options)
    : store_(store),
      scheduler_(scheduler),
      sessions_(sessions),
      store_threads_(store_threads),
      options_(std::move(options)),
      applier_(store, scheduler,
               {options_.freshness, options_.isolates_tenants}, options_.guard,
               options_.clock),
      sweeper_([this] { SweepUntilStopped(); }) {}

LookupEngine::~LookupEngine() {
  Drain(absl::ZeroDuration());
  // Wait for calls that store threads or the applier still process.
  calls_->WaitUntilZero(absl::InfiniteDuration());
  stop_sweeping_.Notify();
  sweeper_.join();
}

// ---- a call ----------------------------------------------------------------

std::shared_ptr<const LookupCall> LookupEngine::MakeCall(
    std::shared_ptr<const LookupRequest> request,
    std::weak_ptr<ResultSink> sink) {
  auto call = std::make_shared<LookupCall>();
  call->forget_count = store_.forget_count();
  call->deadline = request->deadline - options_.answer_lead;
  if (request->urgent) {
    call->deadline =
        std::min(call->deadline, options_.clock() + options_.max_urgent_wait);
  }
  call->request = std::move(request);
  call->sink = std::move(sink);
  calls_->Add();
  call->in_flight = std::shared_ptr<void>(
      nullptr, [calls = calls_](void*) { calls->Remove(); });
  return call;
}

void LookupEngine::Lookup(std::shared_ptr<const LookupRequest> request,
                          std::vector<LookupItem> items,
                          std::weak_ptr<ResultSink> sink) {
  const bool refused = draining_;
  std::shared_ptr<const LookupCall> call =
      MakeCall(std::move(request), std::move(sink));
  if (refused) {
    Refuse(*call, items);
    return;
  }
  // Reading one record takes less time than waking another thread, unless the
  // contact has to be interpreted: that waits for the tenant's turn.
  if (call->request->urgent && items.size() == 1 &&
      IsPlain(items.front().contact)) {
    Process(std::move(call), std::move(items), /*may_block=*/false);
    return;
  }
  const std::string& tenant = call->request->tenant;
  store_threads_.Post(tenant, [this, call, items = std::move(items)]() mutable {
    Process(std::move(call), std::move(items), /*may_block=*/true);
  });
}

void LookupEngine::Process(std::shared_ptr<const LookupCall> call,
                           std::vector<LookupItem> items, bool may_block) {
  const std::shared_ptr<ResultSink> sink = call->sink.lock();
  if (sink == nullptr) return;
  // 1. Answer from the store, and answer errors that need no store.
  LookupResults results;
  results.Reserve(items.size());
  std::vector<Read> reads =
      Parse(*call->request, std::move(items), *sink, &results);
  std::vector<ContactTie> ties;
  std::vector<Scheduler::Request> ask =
      AnswerFresh(call, std::move(reads), &results, &ties);
  // 2. Check whether WhatsApp can be asked about the rest.
  if (!ask.empty()) {
    if (const std::optional<LookupFailure> why = WhyNot(*call)) {
      for (const Scheduler::Request& request : ask) {
        results.AddError(request.waiter.tag, *why);
      }
      ask.clear();
    }
  }
  // 3. Ask the guard whether WhatsApp may be asked.
  if (options_.guard != nullptr) AskGuardFor(*call, &ask, &results);
  SendTied(call, std::move(results), std::move(ties), may_block);
  if (ask.empty()) return;
  // 4. Submit the rest to the scheduler.
  Answers answers;
  answers.Add(scheduler_.Submit(std::move(ask)), ShuttingDownFailure());
  answers.Send();
}

// The ties come first: a caller that has its answer may watch the contact.
void LookupEngine::SendTied(std::shared_ptr<const LookupCall> call,
                            LookupResults results, std::vector<ContactTie> ties,
                            bool may_block) {
  if (ties.empty()) {
    Send(*call, std::move(results));
    return;
  }
  auto tie = [this, call, results = std::move(results),
              ties = std::move(ties)]() mutable {
    const absl::Status tied = store_.Tie(ties);
    // The tenant's next lookup tries again.
    if (!tied.ok()) LogWarning("lookup: {}", tied.ToString());
    Send(*call, std::move(results));
  };
  if (may_block) {
    tie();
  } else {
    const std::string& tenant = call->request->tenant;
    store_threads_.Post(tenant, std::move(tie));
  }
}

void LookupEngine::Refuse(const LookupCall& call,
                          const std::vector<LookupItem>& items) {
  LookupResults results;
  for (const LookupItem& item : items) {
    results.AddError(item.tag, ShuttingDownFailure());
  }
  Send(call, std::move(results));
}

bool LookupEngine::IsOwn(const Contact& contact) const {
  return sessions_.IsOwn(contact.jid) ||
         (contact.HasTwoAddresses() && sessions_.IsOwn(contact.other_jid));
}

std::vector<LookupEngine::Read> LookupEngine::Parse(
    const LookupRequest& request, std::vector<LookupItem> items,
    ResultSink& sink, LookupResults* results) {
  std::vector<Read> reads;
  reads.reserve(items.size());
  for (LookupItem& item : items) {
    absl::StatusOr<Contact> contact =
        ParseContact(item.contact, CountryOf(item, request));
    if (!contact.ok()) {
      results->AddError(item.tag, InvalidContactFailure(contact.status()));
      continue;
    }
    sink.OnContact(*contact);
    if (request.tells_accounts && IsOwn(*contact)) {
      results->AddError(item.tag, OwnNumberFailure());
    } else {
      reads.push_back({std::move(item), *std::move(contact)});
    }
  }
  return reads;
}

// Makes the request to WhatsApp, given the stored record (null: none).
Scheduler::Request LookupEngine::MakeRequest(
    const std::shared_ptr<const LookupCall>& call, Read read,
    const RecordView* stored, const Wanted& wanted, absl::Time now) const {
  Scheduler::Request request;
  read.contact.PutLikelierFirst();
  const ContactKind kind = read.contact.kind;
  request.task.contact = std::move(read.contact);
  FillNeeds(stored, wanted, options_.freshness, now, &request.task);
  request.waiter = {
      .call = call,
      .tag = read.item.tag,
      .existing_id = wanted.existing_id,
      .phone_number = wanted.phone_number,
      .is_new = stored == nullptr && kind == ContactKind::kPhoneNumber};
  return request;
}

std::vector<Scheduler::Request> LookupEngine::AnswerFresh(
    const std::shared_ptr<const LookupCall>& call, std::vector<Read> reads,
    LookupResults* results, std::vector<ContactTie>* ties) {
  std::vector<Scheduler::Request> ask;
  if (reads.empty()) return ask;
  std::vector<const Contact*> contacts;
  contacts.reserve(reads.size());
  for (const Read& read : reads) contacts.push_back(&read.contact);
  const absl::Time now = options_.clock();

  Wanted wanted = WantedBy(*call->request);
  std::vector<bool> heard_of(reads.size());
  const auto answer = [&](size_t i, const StoredView& stored) {
    Read& read = reads[i];
    heard_of[i] = true;
    if (!stored.status.ok()) {
      results->AddError(read.item.tag, StorageFailure("read", stored.status));
      return;
    }
    if (stored.suppressed) {
      results->AddError(read.item.tag, SuppressedFailure());
      return;
    }
    wanted.existing_id = std::move(read.item.existing_id);
    wanted.phone_number = read.contact.phone_number;
    const TenantRecord own(stored.record, call->request->tenant_number,
                           options_.isolates_tenants);
    wanted.changes_after = own.changes_after();
    if (own.may_answer() &&
        IsFresh(*stored.record, wanted, options_.freshness, now)) {
      results->AddPicture(read.item.tag, *stored.record, wanted,
                          v1::SOURCE_STORE, now);
      if (own.needs_tie()) {
        ties->push_back({std::string(stored.record->jid()),
                         call->request->tenant_number, call->forget_count,
                         now});
      }
      return;
    }
    ask.push_back(
        MakeRequest(call, std::move(read), own.record(), wanted, now));
  };
  const absl::Status status = ReadContacts(store_, contacts, now, answer);
  for (size_t i = 0; i < reads.size() && !status.ok(); ++i) {
    if (heard_of[i]) continue;
    results->AddError(reads[i].item.tag, StorageFailure("read", status));
  }
  return ask;
}

std::optional<LookupFailure> LookupEngine::WhyNot(const LookupCall& call) {
  const std::string& session = call.request->session;
  const SessionDirectory::Availability availability =
      sessions_.GetAvailability(session);
  if (availability.linked == 0) return NoSessionFailure(session);
  // Bulk items may wait; flow control bounds their number.
  if (!call.request->urgent || availability.ready > 0) return std::nullopt;
  if (availability.next_ready <= call.deadline) return std::nullopt;
  return NotReadyFailure(availability, options_.clock());
}

void LookupEngine::AskGuardFor(const LookupCall& call,
                               std::vector<Scheduler::Request>* ask,
                               LookupResults* results) {
  std::vector<uint64_t> numbers;
  for (const Scheduler::Request& request : *ask) {
    uint64_t number = 0;
    if (!request.waiter.is_new) continue;
    if (absl::SimpleAtoi(request.task.contact.jid.user, &number)) {
      numbers.push_back(number);
    }
  }
  if (numbers.empty()) return;
  LookupFailure why;
  size_t left = options_.guard->Admit(call.request->tenant, numbers, &why);
  if (left == numbers.size()) return;
  std::vector<Scheduler::Request> admitted;
  for (Scheduler::Request& request : *ask) {
    if (request.waiter.is_new && left == 0) {
      results->AddError(request.waiter.tag, why);
      continue;
    }
    if (request.waiter.is_new) --left;
    admitted.push_back(std::move(request));
  }
  *ask = std::move(admitted);
}

// ---- waiting items ---------------------------------------------------------

void LookupEngine::SweepUntilStopped() {
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

// Logged-out accounts do not return without an operator.
void LookupEngine::FailWithoutSessions(Answers* answers) {
  for (const std::string& session : scheduler_.SessionsWaitedFor()) {
    if (sessions_.GetAvailability(session).linked > 0) continue;
    answers->Add(scheduler_.TakeOutQueued([&](const ContactTask& task) {
      return task.only_session == session;
    }),
                 NoSessionFailure(session));
  }
}

void LookupEngine::FailUntakenBulk() {
  Answers answers;
  answers.Add(scheduler_.TakeOutQueued(
                  [](const ContactTask& task) { return !task.urgent; }),
              ShuttingDownFailure());
  answers.Send();
}

void LookupEngine::Drain(absl::Duration timeout) {
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

}  // namespace portrait
