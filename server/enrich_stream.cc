#include "server/enrich_stream.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "grpcpp/support/byte_buffer.h"
#include "portrait/v1/profile_picture.pb.h"
#include "server/accounted_lookup.h"
#include "server/enrich_counter.h"
#include "server/enrich_ledger.h"
#include "server/lookup_options.h"
#include "server/message_bytes.h"
#include "server/result_queue.h"
#include "server/rpc_status.h"
#include "server/served_stream.h"

namespace portrait {
namespace {

// The most results in a response; clients' default limit is 4 MiB.
constexpr size_t kMaxResultsPerMessage = 1000;
constexpr size_t kMaxResponseBytes = 1 << 20;

// A request up to this size is parsed into the memory of the previous one.
constexpr size_t kKeptRequestBytes = 128 << 10;

// The contract promises progress at least every second; three ticks are 750 ms.
constexpr int kTicksPerProgress = 3;

// One call. Thread-safe; the engine holds a weak pointer to it.
class EnrichStream final
    : public ServedStream<EnrichStream, PipeReactor, MessagePipe>,
      public ResultSink {
 public:
  EnrichStream(const Backends& backends, std::shared_ptr<OpenStreams> streams,
               MessagePipe* pipe, Principal caller)
      : ServedStream(backends, std::move(streams), pipe, std::move(caller)),
        lookup_(backends_, caller_, *this),
        counter_(streams_->options().tick),
        ledger_(kEnrichWindowItems) {
    Use(pipe);
  }

  void Start() override {
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
    ledger_.Left();
  }
  void OnTickLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) override;
  absl::Status TakeItems();
  void HandOver();
  // Makes the next message from `slices_` and, optionally, progress.
  void MakeResponse(bool with_progress);
  v1::EnrichProgress Progress();

  std::optional<absl::Status> EndLocked() const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  EnrichCounter::Completed TakeResultsLocked()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  AccountedLookup lookup_;

  // Used by the read and by the write under way; at most one of each is
  // pending.
  grpc::ByteBuffer request_bytes_;
  v1::EnrichProfilePicturesRequest request_;  // a member, to reuse its memory
  std::vector<grpc::Slice> slices_;
  grpc::ByteBuffer response_;

  EnrichCounter counter_ ABSL_GUARDED_BY(mu_);
  EnrichLedger ledger_ ABSL_GUARDED_BY(mu_);
  ResultQueue results_ ABSL_GUARDED_BY(mu_);
  // Waiting items must be tried again.
  bool turn_due_ ABSL_GUARDED_BY(mu_) = false;
  int ticks_since_progress_ ABSL_GUARDED_BY(mu_) = 0;
  bool last_sent_ ABSL_GUARDED_BY(mu_) = false;  // all results are written
  bool progress_due_ ABSL_GUARDED_BY(mu_) = false;
};

void EnrichStream::OnReadDone(bool ok) {
  const absl::Status status = ok ? TakeItems() : absl::OkStatus();
  {
    absl::MutexLock lock(&mu_);
    WakeLocked();
    if (!ok) ledger_.HalfClose();
    if (failure_.ok()) failure_ = status;
  }
  Pump();
}

absl::Status EnrichStream::TakeItems() {
  RETURN_IF_ERROR(ReadMessage(request_bytes_, &request_));
  const bool is_large = request_bytes_.Length() > kKeptRequestBytes;
  request_bytes_.Clear();
  const bool is_first = !lookup_.HasBulkOptions();
  if (!is_first && request_.has_options()) {
    return InvalidField("options",
                        "is allowed in the first message of a stream only");
  }
  if (request_.items_size() > kMaxItemsPerMessage) {
    return InvalidField("items", absl::StrCat(request_.items_size(),
                                              " in one message; at most ",
                                              kMaxItemsPerMessage));
  }
  if (is_first) RETURN_IF_ERROR(lookup_.SetBulkOptions(request_.options()));
  std::vector<LookupItem> items;
  items.reserve(request_.items_size());
  for (const v1::EnrichItem& item : request_.items()) {
    items.push_back(MakeLookupItem(item));
  }
  // A stream that waits for a long time must not hold a large message.
  if (is_large) request_ = {};
  absl::MutexLock lock(&mu_);
  const size_t received = items.size();
  if (!ledger_.Read(std::move(items))) return absl::OkStatus();
  counter_.AddReceived(received);
  turn_due_ = true;
  return absl::OkStatus();
}

// Looks up the waiting items that the tenant's quota and rate admit now.
void EnrichStream::HandOver() {
  std::vector<LookupItem> items;
  {
    absl::MutexLock lock(&mu_);
    items = ledger_.TakeWaiting();
  }
  absl::StatusOr<std::vector<LookupItem>> waiting =
      lookup_.AskBulk(std::move(items), shared_from_this());
  if (!waiting.ok()) return Fail(waiting.status());
  absl::MutexLock lock(&mu_);
  ledger_.PutBack(*std::move(waiting));
}

void EnrichStream::OnResults(LookupResults results) {
  {
    absl::MutexLock lock(&mu_);
    const size_t abandoned = results.Drop(v1::ERROR_REASON_SHUTTING_DOWN);
    ledger_.Answered(results.size(), abandoned);
    results_.Push(std::move(results));
  }
  Pump();
}

void EnrichStream::OnTickLocked() {
  counter_.OnTick();
  ++ticks_since_progress_;
  if (ticks_since_progress_ >= kTicksPerProgress && ledger_.owed() > 0) {
    progress_due_ = true;
  }
  turn_due_ = true;
}

void EnrichStream::OnShutdown() {
  {
    absl::MutexLock lock(&mu_);
    ledger_.Shutdown();
  }
  Pump();
}

OperationPump::Operation EnrichStream::NextLocked() {
  if (ledger_.MayRead()) {
    ledger_.StartRead();
    return [this] { StartRead(&request_bytes_); };
  }
  if (std::exchange(turn_due_, false) && ledger_.has_waiting()) {
    return [this] { HandOver(); };
  }
  if (writing_) return nullptr;
  const EnrichCounter::Completed leaving = TakeResultsLocked();
  const auto end = EndLocked();
  if (end.has_value() && last_sent_) {
    finished_ = true;
    return [this, status = *end] { Finish(ToRpcStatus(status)); };
  }
  if (end.has_value()) {
    // Written before the status: if both are sent at once, gRPC's in-process
    // transport drops the message unless the caller is reading.
    last_sent_ = true;
    progress_due_ = true;
  }
  if (ledger_.leaving() == 0 && !progress_due_) return nullptr;
  writing_ = true;
  return [this, leaving, with_progress = std::exchange(progress_due_, false)] {
    lookup_.Settle(leaving.granted, leaving.usage);
    MakeResponse(with_progress);
    StartWrite(&response_);
  };
}

// The stream's final status, if all received results are in `response_` or have
// been sent.
std::optional<absl::Status> EnrichStream::EndLocked() const {
  switch (ledger_.end()) {
    case EnrichLedger::End::kDone:
      return absl::OkStatus();
    case EnrichLedger::End::kShutdown:
      return streams_->shutdown_status();
    case EnrichLedger::End::kNotYet:
      break;
  }
  return std::nullopt;
}

// Moves as many results into `slices_` as fit into a message.
EnrichCounter::Completed EnrichStream::TakeResultsLocked() {
  slices_.clear();
  ledger_.Leave(results_.Take(kMaxResultsPerMessage, kMaxResponseBytes,
                              &slices_, &counter_));
  return counter_.TakeCompleted();
}

void EnrichStream::MakeResponse(bool with_progress) {
  if (with_progress) {
    v1::EnrichProfilePicturesResponse progress;
    *progress.mutable_progress() = Progress();
    slices_.emplace_back(progress.SerializeAsString());
  }
  response_ = grpc::ByteBuffer(slices_.data(), slices_.size());
}

// Call it without the lock, because it queries the session pool.
v1::EnrichProgress EnrichStream::Progress() {
  v1::EnrichProgress progress;
  {
    absl::MutexLock lock(&mu_);
    ticks_since_progress_ = 0;
    progress = counter_.ToProto();
  }
  progress.set_sessions_ready(
      backends_.sessions.GetAvailability(lookup_.bulk_session()).ready);
  return progress;
}

// gRPC's reactor of a stream. gRPC calls OnDone after Finish only, and the
// stream does not use its pipe afterwards.
class GrpcPipe final : public EnrichReactor, public MessagePipe {
 public:
  explicit GrpcPipe(grpc::CallbackServerContext* context)
      : context_(*context) {}

  void Begin(std::shared_ptr<PipeReactor> stream) {
    stream_ = std::move(stream);
    stream_->Start();
  }

  void OnReadDone(bool ok) override { stream_->OnReadDone(ok); }
  void OnWriteDone(bool ok) override { stream_->OnWriteDone(ok); }
  void OnCancel() override { stream_->OnCancel(); }
  void OnDone() override {
    stream_->OnDone();
    delete this;
  }

  void StartRead(grpc::ByteBuffer* message) override {
    EnrichReactor::StartRead(message);
  }
  void StartWrite(const grpc::ByteBuffer* message) override {
    EnrichReactor::StartWrite(message);
  }
  void Finish(const grpc::Status& status) override {
    EnrichReactor::Finish(status);
  }
  void TryCancel() override { context_.TryCancel(); }

 private:
  grpc::CallbackServerContext& context_;  // valid until OnDone
  std::shared_ptr<PipeReactor> stream_;
};

}  // namespace

std::shared_ptr<PipeReactor> MakeEnrichStream(
    const Backends& backends, std::shared_ptr<OpenStreams> streams,
    MessagePipe* pipe, Principal caller) {
  return std::make_shared<EnrichStream>(backends, std::move(streams), pipe,
                                        std::move(caller));
}

EnrichReactor* StartEnrichStream(const Backends& backends,
                                 std::shared_ptr<OpenStreams> streams,
                                 grpc::CallbackServerContext* context,
                                 Principal caller) {
  auto* const pipe = new GrpcPipe(context);
  pipe->Begin(
      MakeEnrichStream(backends, std::move(streams), pipe, std::move(caller)));
  // gRPC calls OnDone only after this function has returned the reactor.
  return pipe;
}

}  // namespace portrait
