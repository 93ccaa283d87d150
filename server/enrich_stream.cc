#include "server/enrich_stream.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "grpcpp/support/byte_buffer.h"
#include "portrait/v1/profile_picture.pb.h"
#include "server/enrich_counter.h"
#include "server/lookup_audit.h"
#include "server/lookup_options.h"
#include "server/message_bytes.h"
#include "server/result_queue.h"
#include "server/rpc_status.h"
#include "server/served_stream.h"

namespace portrait {
namespace {

// Of one response; clients' default limit is 4 MiB.
constexpr size_t kMaxResultsPerMessage = 1000;
constexpr size_t kMaxResponseBytes = 1 << 20;

// At least every second, as the contract says: three ticks are 750 ms.
constexpr int kTicksPerProgress = 3;

// One call. Thread-safe; the engine knows it weakly.
class EnrichStream final : public ServedStream<EnrichStream, EnrichReactor>,
                           public ResultSink {
 public:
  EnrichStream(const Backends& backends, std::shared_ptr<OpenStreams> streams,
               grpc::CallbackServerContext* context, Principal caller)
      : ServedStream(backends, std::move(streams), context, std::move(caller)),
        account_(backends_.tenants.AccountOf(caller_.tenant)),
        audit_(backends_.audit, caller_),
        counter_(streams_->options().tick) {}
  // Nobody waits for what was granted and has not left.
  ~EnrichStream() override { account_->GiveBack(granted_); }

  void Start() {
    if (absl::Status status = Open(); !status.ok()) Fail(status);
    Pump();
  }

  void OnReadDone(bool ok) override;
  void OnResults(LookupResults results) override;
  void OnShutdown() override;

 private:
  OperationPump::Operation NextLocked()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) override;
  void OnWrittenLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) override {
    writing_items_ = 0;
  }
  void OnTickLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) override;
  absl::Status TakeItems();
  void HandOver();
  void RefuseWaiting(size_t count);
  // The message of `slices_`, and of progress.
  void MakeResponse(bool with_progress);
  v1::EnrichProgress Progress();

  bool MayReadLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::optional<absl::Status> EndLocked() const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  EnrichCounter::Completed TakeResultsLocked()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::shared_ptr<TenantAccount> account_;
  LookupAudit audit_;

  // Belong to the read and to the write under way; they follow one another.
  grpc::ByteBuffer request_bytes_;
  v1::EnrichProfilePicturesRequest request_;  // kept for its memory
  std::vector<grpc::Slice> slices_;
  grpc::ByteBuffer response_;

  std::shared_ptr<const LookupRequest> lookup_ ABSL_GUARDED_BY(mu_);
  EnrichCounter counter_ ABSL_GUARDED_BY(mu_);
  // Every item read is first `waiting_` for its turn at the tenant's rate, then
  // among the `unanswered_`, then in `results_`, then among the
  // `writing_items_`.
  std::vector<LookupItem> waiting_ ABSL_GUARDED_BY(mu_);
  bool turn_due_ ABSL_GUARDED_BY(mu_) = false;  // they may have theirs
  size_t unanswered_ ABSL_GUARDED_BY(mu_) = 0;
  ResultQueue results_ ABSL_GUARDED_BY(mu_);
  size_t writing_items_ ABSL_GUARDED_BY(mu_) = 0;
  size_t granted_ ABSL_GUARDED_BY(mu_) = 0;  // by the account, and not left yet
  // Items given up because of the shutdown: the caller sends them elsewhere.
  size_t abandoned_ ABSL_GUARDED_BY(mu_) = 0;
  int ticks_since_progress_ ABSL_GUARDED_BY(mu_) = 0;
  bool progress_due_ ABSL_GUARDED_BY(mu_) = false;
  bool reading_ ABSL_GUARDED_BY(mu_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mu_) = false;
  bool shutting_down_ ABSL_GUARDED_BY(mu_) = false;
};

void EnrichStream::OnReadDone(bool ok) {
  const absl::Status status = ok ? TakeItems() : absl::OkStatus();
  {
    absl::MutexLock lock(&mu_);
    reading_ = false;
    WakeLocked();
    if (!ok) half_closed_ = true;
    if (failure_.ok()) failure_ = status;
  }
  Pump();
}

absl::Status EnrichStream::TakeItems() {
  RETURN_IF_ERROR(ReadMessage(request_bytes_, &request_));
  request_bytes_.Clear();
  std::shared_ptr<const LookupRequest> lookup;
  {
    absl::MutexLock lock(&mu_);
    lookup = lookup_;
  }
  if (lookup != nullptr && request_.has_options()) {
    return InvalidField("options", "only a stream's first message may set it");
  }
  if (request_.items_size() > kMaxItemsPerMessage) {
    return InvalidField("items", absl::StrCat(request_.items_size(),
                                              " in one message; at most ",
                                              kMaxItemsPerMessage));
  }
  if (lookup == nullptr) {
    ASSIGN_OR_RETURN(
        LookupRequest parsed,
        ParseLookupOptions(request_.options(), backends_.sessions));
    parsed.tenant = caller_.tenant;
    lookup = std::make_shared<const LookupRequest>(std::move(parsed));
  }
  std::vector<LookupItem> items;
  items.reserve(request_.items_size());
  for (const v1::EnrichItem& item : request_.items()) {
    items.push_back(
        MakeLookupItem(item.tag(), item.contact(), item.existing_id()));
  }
  absl::MutexLock lock(&mu_);
  lookup_ = std::move(lookup);
  // What arrives during a shutdown was not received: it gets no result.
  if (shutting_down_) return absl::OkStatus();
  counter_.AddReceived(items.size());
  waiting_ = std::move(items);  // nothing is read while some wait
  turn_due_ = true;
  return absl::OkStatus();
}

// Gives the engine those whose turn it is; what is over the quota fails now.
void EnrichStream::HandOver() {
  size_t wanted = 0;
  {
    absl::MutexLock lock(&mu_);
    wanted = waiting_.size();
  }
  const absl::StatusOr<TenantAccount::Admission> admission =
      account_->Admit(wanted, TenantAccount::Pace::kBulk);
  if (!admission.ok()) {
    Fail(admission.status());
    return;
  }
  if (admission->over_quota > 0) RefuseWaiting(admission->over_quota);
  std::vector<LookupItem> items;
  std::shared_ptr<const LookupRequest> lookup;
  {
    absl::MutexLock lock(&mu_);
    granted_ += admission->granted;
    if (shutting_down_) return;
    if (admission->granted == waiting_.size()) {
      items = std::exchange(waiting_, {});
    } else {
      const auto end =
          waiting_.begin() + static_cast<ptrdiff_t>(admission->granted);
      items.assign(std::make_move_iterator(waiting_.begin()),
                   std::make_move_iterator(end));
      waiting_.erase(waiting_.begin(), end);
    }
    unanswered_ += items.size();
    lookup = lookup_;
  }
  if (items.empty()) return;
  audit_.Asked(items);
  backends_.engine.Lookup(std::move(lookup), std::move(items),
                          weak_from_this());
}

// The last `count` of those that wait are over the quota.
void EnrichStream::RefuseWaiting(size_t count) {
  const v1::LookupError error = account_->QuotaError();
  std::vector<LookupItem> items;
  LookupResults refused;
  {
    absl::MutexLock lock(&mu_);
    for (; count > 0 && !waiting_.empty(); --count) {
      refused.AddError(waiting_.back().tag, error);
      items.push_back(std::move(waiting_.back()));
      waiting_.pop_back();
    }
  }
  audit_.Asked(items);
  audit_.Answered(refused);
  backends_.metrics.CountLookups(refused);
  absl::MutexLock lock(&mu_);  // nobody else ends the stream meanwhile
  results_.Push(std::move(refused));
}

void EnrichStream::OnResults(LookupResults results) {
  backends_.metrics.CountLookups(results);
  audit_.Answered(results);
  {
    absl::MutexLock lock(&mu_);
    unanswered_ -= std::min(unanswered_, results.size());
    abandoned_ += results.Drop(v1::ERROR_REASON_SHUTTING_DOWN);
    results_.Push(std::move(results));
  }
  Pump();
}

void EnrichStream::OnTickLocked() {
  counter_.OnTick();
  ++ticks_since_progress_;
  if (ticks_since_progress_ >= kTicksPerProgress &&
      waiting_.size() + unanswered_ + results_.size() > 0) {
    progress_due_ = true;
  }
  turn_due_ = true;
}

void EnrichStream::OnShutdown() {
  {
    absl::MutexLock lock(&mu_);
    shutting_down_ = true;
    abandoned_ += waiting_.size();
    waiting_.clear();
  }
  Pump();
}

OperationPump::Operation EnrichStream::NextLocked() {
  if (MayReadLocked()) {
    reading_ = true;
    return [this] { StartRead(&request_bytes_); };
  }
  if (std::exchange(turn_due_, false) && !waiting_.empty()) {
    return [this] { HandOver(); };
  }
  if (writing_) return nullptr;
  const EnrichCounter::Completed leaving = TakeResultsLocked();
  if (const auto end = EndLocked()) {
    finished_ = true;
    return [this, leaving, status = *end] {
      account_->Settle(leaving.granted, leaving.usage);
      MakeResponse(/*with_progress=*/true);
      StartWriteAndFinish(&response_, grpc::WriteOptions(),
                          ToRpcStatus(status));
    };
  }
  if (writing_items_ == 0 && !progress_due_) return nullptr;
  writing_ = true;
  return [this, leaving, with_progress = std::exchange(progress_due_, false)] {
    account_->Settle(leaving.granted, leaving.usage);
    MakeResponse(with_progress);
    StartWrite(&response_);
  };
}

bool EnrichStream::MayReadLocked() const {
  const size_t held = unanswered_ + results_.size() + writing_items_;
  return !reading_ && !half_closed_ && !shutting_down_ && waiting_.empty() &&
         held < kEnrichWindowItems;
}

// What to end with, when everything that was received is in `response_` or has
// left before; else nothing.
std::optional<absl::Status> EnrichStream::EndLocked() const {
  if (!waiting_.empty() || unanswered_ > 0 || !results_.empty()) {
    return std::nullopt;
  }
  if (half_closed_ && abandoned_ == 0) return absl::OkStatus();
  if (shutting_down_ || abandoned_ > 0) return ShuttingDownStatus();
  return std::nullopt;
}

// Moves into `slices_` what fits a message.
EnrichCounter::Completed EnrichStream::TakeResultsLocked() {
  slices_.clear();
  writing_items_ = results_.Take(kMaxResultsPerMessage, kMaxResponseBytes,
                                 &slices_, &counter_);
  const EnrichCounter::Completed leaving = counter_.TakeCompleted();
  granted_ -= leaving.granted;
  return leaving;
}

void EnrichStream::MakeResponse(bool with_progress) {
  if (with_progress) {
    v1::EnrichProfilePicturesResponse progress;
    *progress.mutable_progress() = Progress();
    slices_.emplace_back(progress.SerializeAsString());
  }
  response_ = grpc::ByteBuffer(slices_.data(), slices_.size());
}

// Without the lock: asks the pool of sessions.
v1::EnrichProgress EnrichStream::Progress() {
  v1::EnrichProgress progress;
  std::string session;
  {
    absl::MutexLock lock(&mu_);
    ticks_since_progress_ = 0;
    progress = counter_.ToProto();
    if (lookup_ != nullptr) session = lookup_->session;
  }
  progress.set_sessions_ready(
      backends_.sessions.GetAvailability(session).ready);
  return progress;
}

}  // namespace

EnrichReactor* StartEnrichStream(const Backends& backends,
                                 std::shared_ptr<OpenStreams> streams,
                                 grpc::CallbackServerContext* context,
                                 Principal caller) {
  auto stream = std::make_shared<EnrichStream>(backends, std::move(streams),
                                               context, std::move(caller));
  stream->Start();
  // OnDone comes after this function has given the reactor to gRPC.
  return stream.get();
}

}  // namespace portrait
