#include "core/lookup/result_applier.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <variant>

#include "core/base/proto_time.h"
#include "core/base/telemetry.h"
#include "core/lookup/failures.h"
#include "core/store/record_view.h"

namespace portrait {
namespace {

// The most results in one write; with more, the first result would wait for the
// last.
constexpr size_t kMaxBatch = 1000;
// A broken store fails every batch, so the log has one warning in this time.
constexpr absl::Duration kComplaintInterval = absl::Seconds(10);

// Whether the observation that led to `stored`, or a later one, answered the
// picture question.
bool IsAnswered(const store::v1::ContactRecord& stored,
                absl::Time observed_at) {
  const absl::Time checked_at = FromProto(stored.check_time());
  return stored.has_check_time() &&
         absl::ToUnixMicros(checked_at) >= absl::ToUnixMicros(observed_at);
}

// When the tenant, or each asker, forgot the contact after it had asked.
ForgottenTime ForgottenFor(uint32_t tenant, const ApplyResult& stored) {
  for (const ForgottenAsker& asker : stored.forgotten_askers) {
    if (asker.tenant == tenant) return asker.time;
  }
  return stored.forgotten;
}

// An isolated tenant sees changes that are later than this.
absl::Time ChangesAfter(uint32_t tenant,
                        const store::v1::ContactRecord& stored) {
  for (const store::v1::Tie& tie : stored.ties()) {
    if (tie.tenant() == tenant) return absl::FromUnixMicros(tie.ask_micros());
  }
  return absl::InfiniteFuture();
}

}  // namespace

ResultApplier::ResultApplier(PictureStore& store, Scheduler& scheduler,
                             Options options, AskGuard* guard, Clock clock)
    : store_(store),
      scheduler_(scheduler),
      options_(std::move(options)),
      guard_(guard),
      clock_(std::move(clock)),
      thread_([this] { Run(); }) {}

ResultApplier::~ResultApplier() {
  scheduler_.completed().Close();
  thread_.join();
}

void ResultApplier::Run() {
  for (;;) {
    std::vector<CompletedTask> completed =
        scheduler_.completed().Pop(kMaxBatch);
    if (completed.empty()) return;
    Handle(std::move(completed));
  }
}

void ResultApplier::Handle(std::vector<CompletedTask> completed) {
  // 1. Store all observations in one durable write.
  std::vector<Observation> observations;
  for (CompletedTask& each : completed) {
    if (auto* seen = std::get_if<Observation>(&each.outcome)) {
      observations.push_back(std::move(*seen));
    }
  }
  const std::vector<absl::StatusOr<ApplyResult>> stored = Apply(observations);

  // 2. Callers get the stored state.
  Answers answers;
  std::vector<Scheduler::Request> again;
  size_t next_stored = 0;
  for (CompletedTask& each : completed) {
    if (const auto* why = std::get_if<LookupFailure>(&each.outcome)) {
      answers.Add(each.waiters, *why);
      continue;
    }
    const size_t at = next_stored++;
    if (!stored[at].ok()) {
      answers.Add(each.waiters, StorageFailure("write", stored[at].status()));
      continue;
    }
    for (Waiter& waiter : each.waiters) {
      Answer(each.task, std::move(waiter), *stored[at],
             observations[at].observed_at, &answers, &again);
    }
  }
  answers.Send();

  // 3. Ask again about items whose stored state is not enough.
  if (again.empty()) return;
  answers.Add(scheduler_.Submit(std::move(again)), ShuttingDownFailure());
  answers.Send();
}

std::vector<absl::StatusOr<ApplyResult>> ResultApplier::Apply(
    const std::vector<Observation>& observations) {
  std::vector<absl::StatusOr<ApplyResult>> stored;
  if (observations.empty()) return stored;
  absl::StatusOr<std::vector<ApplyResult>> all = store_.Apply(observations);
  if (all.ok()) {
    std::move(all->begin(), all->end(), std::back_inserter(stored));
    return stored;
  }
  Complain(all.status());
  if (absl::IsUnavailable(all.status()) || observations.size() == 1) {
    stored.assign(observations.size(), all.status());
    return stored;
  }
  // One observation cannot be stored, so apply each separately: the others must
  // not fail with it.
  for (const Observation& observation : observations) {
    absl::StatusOr<std::vector<ApplyResult>> one =
        store_.Apply(absl::MakeConstSpan(&observation, 1));
    if (one.ok()) {
      stored.push_back(std::move(one->front()));
    } else {
      stored.push_back(one.status());
    }
  }
  return stored;
}

void ResultApplier::Answer(const ContactTask& task, Waiter waiter,
                           const ApplyResult& stored, absl::Time observed_at,
                           Answers* answers,
                           std::vector<Scheduler::Request>* again) {
  if (stored.suppressed) {
    answers->Add(waiter, SuppressedFailure());
    return;
  }
  const absl::Time now = clock_();
  const LookupRequest& request = *waiter.call->request;
  // A caller that asked after the contact was forgotten may have joined an
  // older task.
  const ForgottenTime forgotten = ForgottenFor(request.tenant_number, stored);
  const bool is_outdated = forgotten.count > 0;
  if (is_outdated && !forgotten.is_doubtful &&
      waiter.forget_count() < forgotten.count) {
    answers->Add(waiter, ForgottenFailure());
    return;
  }
  if (guard_ != nullptr && waiter.is_new && !waiter.asked_again &&
      stored.record.registration() != v1::REGISTRATION_UNSPECIFIED) {
    guard_->OnAnswer(request.tenant, stored.record.registration() ==
                                         v1::REGISTRATION_REGISTERED);
  }
  Wanted wanted = WantedBy(request, waiter.existing_id, waiter.phone_number);
  if (options_.isolates_tenants) {
    wanted.changes_after = ChangesAfter(request.tenant_number, stored.record);
  }
  const bool answered = !is_outdated && IsAnswered(stored.record, observed_at);
  waiter.changed |= stored.change.has_value() &&
                    stored.change->observed_at > wanted.changes_after;
  // A URL may have expired while the task waited for its turn, or another
  // account's answer have come in between.
  const bool enough =
      answered && IsComplete(stored.record, wanted, options_.freshness, now) &&
      (request.session.empty() || request.session == stored.record.session());
  if (!enough && !waiter.asked_again) {
    waiter.asked_again = true;
    if (is_outdated) waiter.renewed_forget_count = store_.forget_count();
    Scheduler::Request next;
    next.task.contact = task.contact;
    FillNeeds(&stored.record, wanted, options_.freshness, now, &next.task);
    next.waiter = std::move(waiter);
    again->push_back(std::move(next));
    return;
  }
  if (!answered) {
    answers->Add(waiter, NothingToldFailure());
    return;
  }
  const std::string bytes = stored.record.SerializeAsString();
  const absl::StatusOr<RecordView> record = RecordView::Read(bytes);
  if (!record.ok()) {
    answers->Add(waiter, StorageFailure("write", record.status()));
    return;
  }
  answers->Add(waiter, *record, wanted, v1::SOURCE_WHATSAPP, now);
}

void ResultApplier::Complain(const absl::Status& status) {
  const absl::Time now = absl::Now();
  if (now - last_complaint_ < kComplaintInterval) return;
  last_complaint_ = now;
  LogError("lookup: storing WhatsApp's answers failed: {}", status.ToString());
}

}  // namespace portrait
