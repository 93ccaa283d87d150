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

// Results in one write: more would make the first of them wait for the last.
constexpr size_t kMaxBatch = 1000;
// Unasked observations that may wait; more are dropped. What sessions were
// asked for is bounded by what they have in hand.
constexpr size_t kMaxUnasked = 10'000;
// A store that fails, fails for every batch: it is logged this often.
constexpr absl::Duration kComplaintInterval = absl::Seconds(10);

bool IsUnasked(const TaskResult& result) { return result.task_id == 0; }

// Whether the observation that led to `stored` answered for the picture, or a
// later one did.
bool IsAnswered(const store::v1::ContactRecord& stored,
                absl::Time observed_at) {
  const absl::Time checked_at = FromProto(stored.check_time());
  return stored.has_check_time() &&
         absl::ToUnixMicros(checked_at) >= absl::ToUnixMicros(observed_at);
}

}  // namespace

class ResultApplier::Queue {
 public:
  void Push(std::vector<TaskResult> results) {
    absl::MutexLock lock(&mu_);
    if (closed_) return;
    for (TaskResult& result : results) {
      if (IsUnasked(result)) {
        if (unasked_ >= kMaxUnasked) continue;
        ++unasked_;
      }
      results_.push_back(std::move(result));
    }
  }

  // Waits for some; empty only once closed and drained.
  std::vector<TaskResult> Pop() {
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(
        +[](Queue* queue) ABSL_EXCLUSIVE_LOCKS_REQUIRED(queue->mu_) {
          return queue->closed_ || !queue->results_.empty();
        },
        this));
    std::vector<TaskResult> batch;
    while (!results_.empty() && batch.size() < kMaxBatch) {
      if (IsUnasked(results_.front())) --unasked_;
      batch.push_back(std::move(results_.front()));
      results_.pop_front();
    }
    return batch;
  }

  void Close() {
    absl::MutexLock lock(&mu_);
    closed_ = true;
  }

 private:
  absl::Mutex mu_;
  std::deque<TaskResult> results_ ABSL_GUARDED_BY(mu_);
  size_t unasked_ ABSL_GUARDED_BY(mu_) = 0;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

ResultApplier::ResultApplier(PictureStore& store, Scheduler& scheduler,
                             AskGuard* guard, FreshnessOptions freshness,
                             Clock clock)
    : store_(store),
      scheduler_(scheduler),
      guard_(guard),
      freshness_(std::move(freshness)),
      clock_(std::move(clock)),
      queue_(std::make_shared<Queue>()),
      thread_([this] { Run(); }) {
  scheduler_.SetResultHandler(
      [queue = queue_](std::vector<TaskResult> results) {
        queue->Push(std::move(results));
      });
}

ResultApplier::~ResultApplier() {
  scheduler_.SetResultHandler(nullptr);
  queue_->Close();
  thread_.join();
}

void ResultApplier::Run() {
  for (;;) {
    std::vector<TaskResult> results = queue_->Pop();
    if (results.empty()) return;
    Handle(std::move(results));
  }
}

void ResultApplier::Handle(std::vector<TaskResult> results) {
  // 1. One durable write for all of them.
  std::vector<uint64_t> task_ids;
  std::vector<Observation> observations;
  for (TaskResult& result : results) {
    task_ids.push_back(result.task_id);
    if (auto* seen = std::get_if<Observation>(&result.outcome)) {
      observations.push_back(std::move(*seen));
    }
  }
  const std::vector<absl::StatusOr<ApplyResult>> stored = Apply(observations);

  // 2. What callers hear is what was stored.
  std::vector<Scheduler::Finished> finished = scheduler_.Finish(task_ids);
  Answers answers;
  std::vector<Scheduler::Request> again;
  size_t next_stored = 0;
  for (size_t i = 0; i < results.size(); ++i) {
    if (auto* why = std::get_if<LookupFailure>(&results[i].outcome)) {
      answers.Add(finished[i].waiters, *why);
      continue;
    }
    const size_t at = next_stored++;
    if (!stored[at].ok()) {
      answers.Add(finished[i].waiters,
                  StorageFailure("write", stored[at].status()));
      continue;
    }
    for (Waiter& waiter : finished[i].waiters) {
      Answer(finished[i].task, std::move(waiter), *stored[at],
             observations[at].observed_at, &answers, &again);
    }
  }
  answers.Send();

  // 3. What has to be asked once more.
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
  // One of them cannot be stored; the others must not suffer for it.
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
  // Who asked after the contact was forgotten has joined a task from before.
  const bool is_outdated = stored.forgotten_at > 0;
  if (is_outdated && waiter.call->forget_count < stored.forgotten_at) {
    answers->Add(waiter, ForgottenFailure());
    return;
  }
  const absl::Time now = clock_();
  const LookupRequest& request = *waiter.call->request;
  if (guard_ != nullptr && waiter.is_new && !waiter.asked_again &&
      stored.record.registration() != v1::REGISTRATION_UNSPECIFIED) {
    guard_->OnAnswer(request.tenant, stored.record.registration() ==
                                         v1::REGISTRATION_REGISTERED);
  }
  const Wanted wanted =
      WantedBy(request, waiter.existing_id, waiter.phone_number);
  const bool answered = !is_outdated && IsAnswered(stored.record, observed_at);
  waiter.changed |= stored.change.has_value();
  // A URL may have expired while the task waited for its turn, or another
  // account's answer have come in between.
  const bool enough =
      answered && IsComplete(stored.record, wanted, freshness_, now) &&
      (request.session.empty() || request.session == stored.record.session());
  if (!enough && !waiter.asked_again) {
    waiter.asked_again = true;
    Scheduler::Request next;
    next.task.jid = task.jid;
    next.task.other_spelling = task.other_spelling;
    next.task.kind = task.kind;
    FillNeeds(&stored.record, wanted, freshness_, now, &next.task);
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
  LogError("storing what WhatsApp told: {}", status.ToString());
}

}  // namespace portrait
