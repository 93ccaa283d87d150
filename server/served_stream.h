// ServedStream is what the server's streams have in common: issuing gRPC's
// operations one at a time, and how they end before they are done.
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

// A stream that has failed and whose caller does not take what was written
// last is cut off after this many ticks: it then reads CANCELLED.
inline constexpr int kTicksToCutOff = 2;

// Ends with UNAUTHENTICATED when the caller's token does not stand any more,
// within kTicksToCutOff + 1 ticks.
//
// Thread-safe. gRPC holds the object by `self_` until OnDone; all others know
// it weakly, so that late events are dropped.
template <typename Derived, typename Reactor>
class ServedStream : public Reactor,
                     public OpenStream,
                     public std::enable_shared_from_this<Derived> {
 public:
  // `backends` is borrowed.
  ServedStream(const Backends& backends, std::shared_ptr<OpenStreams> streams,
               grpc::CallbackServerContext* context, Principal caller)
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
  void OnCancel() final { Fail(absl::CancelledError("the caller left")); }
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
  void OnShutdown() override { Fail(ShuttingDownStatus()); }

 protected:
  // What the state calls for now, when the stream has not failed; null: wait
  // for the next event. Sets `writing_` for a StartWrite, `finished_` for what
  // ends the call.
  virtual OperationPump::Operation NextLocked()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) = 0;
  virtual void OnWrittenLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {}
  virtual void OnTickLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {}
  // Whether the stream may go on with nothing to send for long.
  virtual bool MayBeQuiet() const { return false; }
  // Once, before the stream ends with an error.
  virtual void OnEnding() {}

  absl::Status Open() {
    self_ = this->shared_from_this();
    return streams_->Add(self_, caller_.tenant);
  }

  // Ends the call with `status` as soon as no write is under way.
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
    // Finishing lets gRPC drop `self_` while this function still runs.
    const auto keep_alive = this->shared_from_this();
    pump_.Run([this] { return NextOperation(); });
  }

  // Something was sent or taken.
  void WakeLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { quiet_ticks_ = 0; }

  const Backends& backends_;
  const std::shared_ptr<OpenStreams> streams_;
  grpc::CallbackServerContext* const context_;  // gRPC's, until OnDone
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
    // The write then ends; the context is there until Finish.
    cut_off_ = true;
    return [this] { context_->TryCancel(); };
  }

  OperationPump pump_;
  std::shared_ptr<Derived> self_;  // until OnDone
  int quiet_ticks_ ABSL_GUARDED_BY(mu_) = 0;
  int ticks_since_failure_ ABSL_GUARDED_BY(mu_) = 0;
  bool cut_off_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_SERVED_STREAM_H_
