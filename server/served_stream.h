// ServedStream is the common base of the server's gRPC streams: it issues
// gRPC's operations one at a time, and ends streams early.
#ifndef PORTRAIT_SERVER_SERVED_STREAM_H_
#define PORTRAIT_SERVER_SERVED_STREAM_H_

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "core/access/access_control.h"
#include "grpcpp/server_context.h"
#include "server/backends.h"
#include "server/open_streams.h"
#include "server/operation_pump.h"
#include "server/rpc_status.h"

namespace portrait {

// If a stream has failed and its caller does not read the last message, it is
// cancelled after this many ticks; the caller then gets CANCELLED.
inline constexpr int kTicksToCutOff = 2;

// If the caller's token becomes invalid, the stream ends with UNAUTHENTICATED
// within kTicksToCutOff + 1 ticks.
//
// Thread-safe. gRPC holds the object by `self_` until OnDone; all others hold
// weak pointers, so that late events are dropped.
//
// `Context` can cancel the call: gRPC's context, or a MessagePipe.
template <typename Derived, typename Reactor,
          typename Context = grpc::CallbackServerContext>
class ServedStream : public Reactor,
                     public OpenStream,
                     public std::enable_shared_from_this<Derived> {
 public:
  // `backends` is borrowed.
  ServedStream(const Backends& backends, std::shared_ptr<OpenStreams> streams,
               Context* context, Principal caller)
      : backends_(backends),
        streams_(std::move(streams)),
        context_(context),
        caller_(std::move(caller)) {}

  void OnWriteDone(bool ok) final {
    {
      absl::MutexLock lock(&mu_);
      writing_ = false;
      WakeLocked();
      OnWrittenLocked();
    }
    if (!ok) return OnCancel();
    Pump();
  }
  void OnCancel() final {
    Fail(absl::CancelledError("the caller disconnected"));
  }
  void OnDone() override {
    streams_->Remove(this);
    self_.reset();
  }

  void OnTick() final {
    const absl::Status valid = backends_.access.CheckStillValid(caller_);
    if (!valid.ok()) Fail(valid);
    const OpenStreamsOptions& options = streams_->options();
    bool is_idle = false;
    {
      absl::MutexLock lock(&mu_);
      if (!failure_.ok()) ++ticks_since_failure_;
      is_idle = options.idle_timeout > absl::ZeroDuration() &&
                ++quiet_ticks_ * options.tick >= options.idle_timeout &&
                (writing_ || !MayBeQuiet());
      OnTickLocked();
    }
    if (is_idle) Fail(IdleStatus(options.idle_timeout));
    Pump();
  }
  void OnShutdown() override { Fail(streams_->shutdown_status()); }

 protected:
  // Returns the next operation of a stream that has not failed; null: wait for
  // the next event. Sets `writing_` for a StartWrite, and `finished_` for the
  // operation that ends the call.
  virtual OperationPump::Operation NextLocked()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) = 0;
  virtual void OnWrittenLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {}
  virtual void OnTickLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {}
  // Whether the stream may send no message for a long time.
  virtual bool MayBeQuiet() const { return false; }
  // Called once, before the stream ends with an error.
  virtual void OnEnding() {}

  absl::Status Open() {
    self_ = this->shared_from_this();
    return streams_->Add(self_, caller_.tenant);
  }

  // Ends the call with `status` as soon as no write is pending.
  void Fail(absl::Status status) {
    bool first = false;
    {
      absl::MutexLock lock(&mu_);
      first = failure_.ok();
      if (first) failure_ = std::move(status);
    }
    if (first) OnEnding();
    Pump();
  }

  void Pump() {
    // gRPC may release `self_` during the operation that finishes the call.
    const auto keep_alive = this->shared_from_this();
    pump_.Run([this] { return NextOperation(); });
  }

  // Call it after a message was sent or received.
  void WakeLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { quiet_ticks_ = 0; }

  const Backends& backends_;
  const std::shared_ptr<OpenStreams> streams_;
  Context* const context_;  // valid until OnDone
  const Principal caller_;

  absl::Mutex mu_;
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mu_);

 private:
  OperationPump::Operation NextOperation() {
    absl::MutexLock lock(&mu_);
    if (finished_) return nullptr;
    if (failure_.ok()) return NextLocked();
    if (!writing_) {
      finished_ = true;
      return [this, status = failure_] { this->Finish(ToRpcStatus(status)); };
    }
    if (ticks_since_failure_ <= kTicksToCutOff || cut_off_) return nullptr;
    // Cancelling ends the write; the context is valid until Finish.
    cut_off_ = true;
    return [this] { context_->TryCancel(); };
  }

  OperationPump pump_;
  std::shared_ptr<Derived> self_;  // set until OnDone
  int quiet_ticks_ ABSL_GUARDED_BY(mu_) = 0;
  int ticks_since_failure_ ABSL_GUARDED_BY(mu_) = 0;
  bool cut_off_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_SERVED_STREAM_H_
