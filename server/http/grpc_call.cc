#include "server/http/grpc_call.h"

#include <atomic>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/client_callback.h"
#include "server/http/direct_call.h"
#include "server/http/one_shot.h"
#include "server/message_bytes.h"

namespace portrait::http {
namespace {

namespace asio = boost::asio;

Fields FieldsOf(
    const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
  Fields fields;
  for (const auto& [name, value] : metadata) {
    fields.emplace_back(std::string(name.data(), name.size()),
                        std::string(value.data(), value.size()));
  }
  return fields;
}

// gRPC's side of a call. It frees itself when gRPC is done with it: `Self`
// calls End last.
template <typename Self, typename GrpcReactor>
class OwnReactor : public GrpcReactor,
                   public std::enable_shared_from_this<Self> {
 public:
  void Cancel() { context_.TryCancel(); }

 protected:
  // The context of the call, which begins now.
  grpc::ClientContext* Begin(const CallOptions& options) {
    for (const auto& [name, value] : options.metadata) {
      context_.AddMetadata(name, value);
    }
    if (options.deadline != absl::InfiniteFuture()) {
      context_.set_deadline(absl::ToChronoTime(options.deadline));
    }
    self_ = this->shared_from_this();
    return &context_;
  }
  void End() { self_.reset(); }
  Fields ReceivedMetadata() const {
    return FieldsOf(context_.GetServerInitialMetadata());
  }

 private:
  grpc::ClientContext context_;
  std::shared_ptr<Self> self_;
};

// A call with messages in both directions.
class Reactor final
    : public OwnReactor<Reactor, grpc::ClientBidiReactor<grpc::ByteBuffer,
                                                         grpc::ByteBuffer>> {
 public:
  void Start(const std::shared_ptr<grpc::Channel>& channel,
             const CallOptions& options) {
    grpc::GenericStub(channel).PrepareBidiStreamingCall(
        Begin(options), options.method, /*options=*/{}, this);
    // Held until Release: writes may start at any time.
    AddHold();
    StartCall();
  }

  // The caller starts no more operations.
  void Release() {
    if (!std::exchange(released_, true)) RemoveHold();
  }

  // gRPC may have ended the call, and operations must not be started.
  bool is_released() const { return released_; }

  std::shared_ptr<OneShot<bool>> Write(std::string message) {
    auto written = std::make_shared<OneShot<bool>>();
    write_buffer_ = BufferOf(message);
    {
      absl::MutexLock lock(&mu_);
      written_ = written;
    }
    StartWrite(&write_buffer_);
    return written;
  }
  std::shared_ptr<OneShot<bool>> Read() {
    auto read = std::make_shared<OneShot<bool>>();
    {
      absl::MutexLock lock(&mu_);
      read_ = read;
    }
    StartRead(&read_buffer_);
    return read;
  }
  std::string TakeMessage() {
    std::string message = BytesOf(read_buffer_);
    read_buffer_.Clear();
    return message;
  }

  void OnReadInitialMetadataDone(bool ok) override {
    if (!ok) return;
    Fields fields = ReceivedMetadata();
    absl::MutexLock lock(&mu_);
    metadata_ = std::move(fields);
  }
  void OnWriteDone(bool ok) override {
    std::shared_ptr<OneShot<bool>> written;
    {
      absl::MutexLock lock(&mu_);
      written = std::move(written_);
    }
    written->Set(ok);
  }
  void OnReadDone(bool ok) override {
    std::shared_ptr<OneShot<bool>> read;
    {
      absl::MutexLock lock(&mu_);
      read = std::move(read_);
    }
    read->Set(ok);
  }
  void OnDone(const grpc::Status& status) override {
    done_->Set(status);
    End();
  }

  const std::shared_ptr<OneShot<grpc::Status>>& done() const { return done_; }
  Fields metadata() const {
    absl::MutexLock lock(&mu_);
    return metadata_;
  }

 private:
  bool released_ = false;
  grpc::ByteBuffer write_buffer_, read_buffer_;
  const std::shared_ptr<OneShot<grpc::Status>> done_ =
      std::make_shared<OneShot<grpc::Status>>();
  mutable absl::Mutex mu_;
  std::shared_ptr<OneShot<bool>> written_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<OneShot<bool>> read_ ABSL_GUARDED_BY(mu_);
  Fields metadata_ ABSL_GUARDED_BY(mu_);
};

class InProcessCall final : public GrpcCall {
 public:
  explicit InProcessCall(std::shared_ptr<Reactor> reactor)
      : reactor_(std::move(reactor)) {}
  ~InProcessCall() override {
    Cancel();
    reactor_->Release();
  }

  asio::awaitable<bool> Write(std::string message) override {
    if (reactor_->is_released()) co_return false;
    const auto written = reactor_->Write(std::move(message));
    co_return co_await written->Wait();
  }

  void WritesDone() override {
    if (!reactor_->is_released()) reactor_->StartWritesDone();
  }

  asio::awaitable<std::optional<std::string>> Read() override {
    if (reactor_->is_released()) co_return std::nullopt;
    const auto read = reactor_->Read();
    const bool ok = co_await read->Wait();
    if (!ok) co_return std::nullopt;
    co_return reactor_->TakeMessage();
  }

  asio::awaitable<grpc::Status> Finish() override {
    reactor_->Release();
    grpc::Status status = co_await reactor_->done()->Wait();
    finished_ = true;
    co_return status;
  }

  Fields response_metadata() const override { return reactor_->metadata(); }

  void Cancel() override {
    if (!finished_) reactor_->Cancel();
  }

 private:
  const std::shared_ptr<Reactor> reactor_;
  std::atomic<bool> finished_ = false;
};

// A call with one message in each direction. As a stream, gRPC's in-process
// transport may drop the message that comes together with the status.
class UnaryReactor final
    : public OwnReactor<UnaryReactor, grpc::ClientUnaryReactor> {
 public:
  void Start(const std::shared_ptr<grpc::Channel>& channel,
             const CallOptions& options, const std::string& request) {
    request_ = BufferOf(request);
    grpc::GenericStub(channel).PrepareUnaryCall(Begin(options), options.method,
                                                /*options=*/{}, &request_,
                                                &response_, this);
    StartCall();
  }

  void OnReadInitialMetadataDone(bool ok) override {
    if (ok) metadata_ = ReceivedMetadata();
  }
  // gRPC calls it last.
  void OnDone(const grpc::Status& status) override {
    UnaryAnswer answer{status, "", std::move(metadata_)};
    if (status.ok()) answer.message = BytesOf(response_);
    done_->Set(std::move(answer));
    End();
  }

  const std::shared_ptr<OneShot<UnaryAnswer>>& done() const { return done_; }

 private:
  grpc::ByteBuffer request_, response_;
  Fields metadata_;
  const std::shared_ptr<OneShot<UnaryAnswer>> done_ =
      std::make_shared<OneShot<UnaryAnswer>>();
};

asio::awaitable<UnaryAnswer> CallByGrpc(Channel channel, CallOptions options,
                                        std::string request,
                                        Exchange& exchange) {
  const auto call = std::make_shared<UnaryReactor>();
  call->Start(channel.grpc, options, request);
  exchange.OnDisconnect([call] { call->Cancel(); });
  UnaryAnswer answer = co_await call->done()->Wait();
  exchange.OnDisconnect(nullptr);
  co_return answer;
}

}  // namespace

asio::awaitable<UnaryAnswer> CallUnary(Channel channel, CallOptions options,
                                       std::string request,
                                       Exchange& exchange) {
  if (IsDirectUnary(options)) {
    return CallDirectly(std::move(channel), std::move(options),
                        std::move(request), exchange);
  }
  return CallByGrpc(std::move(channel), std::move(options), std::move(request),
                    exchange);
}

std::unique_ptr<GrpcCall> GrpcCall::Start(const Channel& channel,
                                          CallOptions options) {
  if (IsDirectStream(options)) return StartDirectly(channel, options);
  auto reactor = std::make_shared<Reactor>();
  reactor->Start(channel.grpc, options);
  return std::make_unique<InProcessCall>(std::move(reactor));
}

}  // namespace portrait::http
