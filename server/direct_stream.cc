#include "server/direct_stream.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/call_gate.h"
#include "server/call_observer.h"
#include "server/enrich_stream.h"
#include "server/message_bytes.h"
#include "server/message_pipe.h"
#include "server/rpc_status.h"

namespace portrait {
namespace {

// Both ends of a call: the stream of the server uses MessagePipe. It holds
// itself until the stream has finished. Functions of the other side are called
// without the lock.
class DirectPipe final : public DirectStream,
                         public MessagePipe,
                         public std::enable_shared_from_this<DirectPipe> {
 public:
  explicit DirectPipe(Metrics& metrics)
      : observed_(metrics, kEnrichMethod, /*is_unary=*/false) {}

  void Begin(const Backends& backends, std::shared_ptr<OpenStreams> streams,
             const DirectCall& call) {
    observed_.Begin(call.request_id, call.trace_parent);
    self_ = shared_from_this();
    CallVerdict verdict =
        JudgeCall(backends.access, kEnrichMethod, call.authorizations);
    if (!verdict.status.ok()) return Finish(ToRpcStatus(verdict.status));
    stream_ = MakeEnrichStream(backends, std::move(streams), this,
                               std::move(verdict.caller));
    stream_->Start();
  }

  // ---- the caller's end

  void Write(std::string message, std::function<void(bool)> taken) override {
    bool is_taken = false;
    {
      absl::MutexLock lock(&mu_);
      if (reading_ != nullptr) {
        *std::exchange(reading_, nullptr) = BufferOf(message);
        is_taken = true;
      } else if (!IsOverLocked()) {
        offered_ = std::move(message);
        taken_ = std::move(taken);
        return;
      }
    }
    if (is_taken) stream_->OnReadDone(true);
    taken(is_taken);
  }

  void WritesDone() override {
    {
      absl::MutexLock lock(&mu_);
      writes_done_ = true;
      if (std::exchange(reading_, nullptr) == nullptr) return;
    }
    stream_->OnReadDone(false);
  }

  void Read(std::function<void(std::optional<std::string>)> got) override {
    std::optional<std::string> message;
    {
      absl::MutexLock lock(&mu_);
      if (writing_ != nullptr) {
        message = BytesOf(*std::exchange(writing_, nullptr));
      } else if (!status_.has_value()) {
        got_ = std::move(got);
        return;
      }
    }
    if (message.has_value()) stream_->OnWriteDone(true);
    got(std::move(message));
  }

  void WaitForEnd(std::function<void(grpc::Status)> ended) override {
    grpc::Status status;
    {
      absl::MutexLock lock(&mu_);
      if (!status_.has_value()) {
        ended_ = std::move(ended);
        return;
      }
      status = *status_;
    }
    ended(std::move(status));
  }

  void Cancel(const absl::Status& why) override {
    const auto keep_alive = shared_from_this();
    bool was_reading = false, was_writing = false;
    std::function<void(bool)> taken;
    {
      absl::MutexLock lock(&mu_);
      if (IsOverLocked()) return;
      cancelled_ = why;
      was_reading = std::exchange(reading_, nullptr) != nullptr;
      was_writing = std::exchange(writing_, nullptr) != nullptr;
      taken = std::exchange(taken_, nullptr);
    }
    if (was_reading) stream_->OnReadDone(false);
    if (was_writing) stream_->OnWriteDone(false);
    stream_->OnCancel();
    if (taken != nullptr) taken(false);
  }

  const std::string& request_id() const override {
    return observed_.request_id();
  }
  const std::string& trace_parent() const override {
    return observed_.trace_parent();
  }

  // ---- the server's end

  void StartRead(grpc::ByteBuffer* message) override {
    std::function<void(bool)> taken;
    {
      absl::MutexLock lock(&mu_);
      taken = std::exchange(taken_, nullptr);
      if (taken != nullptr) {
        *message = BufferOf(offered_);
      } else if (cancelled_.ok() && !writes_done_) {
        reading_ = message;
        return;
      }
    }
    stream_->OnReadDone(taken != nullptr);
    if (taken != nullptr) taken(true);
  }

  void StartWrite(const grpc::ByteBuffer* message) override {
    std::function<void(std::optional<std::string>)> got;
    bool is_cancelled = false;
    {
      absl::MutexLock lock(&mu_);
      is_cancelled = !cancelled_.ok();
      if (!is_cancelled) got = std::exchange(got_, nullptr);
      if (!is_cancelled && got == nullptr) {
        writing_ = message;
        return;
      }
    }
    if (got != nullptr) got(BytesOf(*message));
    stream_->OnWriteDone(!is_cancelled);
  }

  void Finish(const grpc::Status& status) override {
    const auto keep_alive = std::move(self_);
    bool was_reading = false;
    std::function<void(bool)> taken;
    std::function<void(std::optional<std::string>)> got;
    std::function<void(grpc::Status)> ended;
    grpc::Status end;
    {
      absl::MutexLock lock(&mu_);
      end = cancelled_.ok() ? status : ToRpcStatus(cancelled_);
      status_ = end;
      was_reading = std::exchange(reading_, nullptr) != nullptr;
      taken = std::exchange(taken_, nullptr);
      got = std::exchange(got_, nullptr);
      ended = std::exchange(ended_, nullptr);
    }
    observed_.End(static_cast<absl::StatusCode>(end.error_code()));
    if (was_reading) stream_->OnReadDone(false);
    if (stream_ != nullptr) stream_->OnDone();
    if (taken != nullptr) taken(false);
    if (got != nullptr) got(std::nullopt);
    if (ended != nullptr) ended(end);
  }

  void TryCancel() override {
    Cancel(absl::CancelledError("the caller does not read the results"));
  }

 private:
  bool IsOverLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return status_.has_value() || !cancelled_.ok();
  }

  ObservedCall observed_;                // constant from Begin until Finish
  std::shared_ptr<PipeReactor> stream_;  // null if the call was not admitted
  std::shared_ptr<DirectPipe> self_;     // until Finish

  absl::Mutex mu_;
  // The message that the stream waits for; null: it waits for none.
  grpc::ByteBuffer* reading_ ABSL_GUARDED_BY(mu_) = nullptr;
  const grpc::ByteBuffer* writing_ ABSL_GUARDED_BY(mu_) = nullptr;
  // The state of the caller's pending read and write.
  std::string offered_ ABSL_GUARDED_BY(mu_);  // the message of `taken_`
  std::function<void(bool)> taken_ ABSL_GUARDED_BY(mu_);
  std::function<void(std::optional<std::string>)> got_ ABSL_GUARDED_BY(mu_);
  std::function<void(grpc::Status)> ended_ ABSL_GUARDED_BY(mu_);
  bool writes_done_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status cancelled_ ABSL_GUARDED_BY(mu_);  // why; OK: it is not
  std::optional<grpc::Status> status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

std::shared_ptr<DirectStream> DirectStream::Start(
    const Backends& backends, std::shared_ptr<OpenStreams> streams,
    const DirectCall& call) {
  auto pipe = std::make_shared<DirectPipe>(backends.metrics);
  pipe->Begin(backends, std::move(streams), call);
  return pipe;
}

}  // namespace portrait
