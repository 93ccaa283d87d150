#include "server/http/direct_call.h"

#include <optional>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "server/call_observer.h"
#include "server/http/one_shot.h"
#include "server/method_rights.h"
#include "server/rpc_status.h"

namespace portrait::http {
namespace {

namespace asio = boost::asio;

bool IsMethod(absl::string_view path, absl::string_view method) {
  return absl::ConsumePrefix(&path, kServicePrefix) && path == method;
}

DirectCall DirectCallOf(const CallOptions& options, absl::string_view request) {
  DirectCall call;
  for (const auto& [name, value] : options.metadata) {
    if (name == "authorization") call.authorizations.push_back(value);
  }
  call.request_id = FieldOf(options.metadata, kRequestIdKey);
  call.trace_parent = FieldOf(options.metadata, kTraceParentKey);
  call.deadline = options.deadline;
  call.request = request;
  return call;
}

// The metadata that gRPC's callers get.
Fields MetadataOf(std::string request_id, std::string trace_parent) {
  Fields metadata;
  metadata.emplace_back(kRequestIdKey, std::move(request_id));
  if (!trace_parent.empty()) {
    metadata.emplace_back(kTraceParentKey, std::move(trace_parent));
  }
  return metadata;
}

// Calls `give_up` at the deadline, unless the timer is cancelled before.
template <typename GiveUp>
void SetDeadline(absl::Time deadline, asio::steady_timer& timer,
                 GiveUp give_up) {
  if (deadline == absl::InfiniteFuture()) return;
  timer.expires_after(absl::ToChronoNanoseconds(deadline - absl::Now()));
  timer.async_wait([give_up](const boost::system::error_code& ec) {
    if (!ec) give_up(absl::DeadlineExceededError("the deadline has passed"));
  });
}

// Waits until the lookup has ended, its deadline has passed, or its caller has
// disconnected.
asio::awaitable<void> WaitForEnd(std::shared_ptr<DirectLookup> lookup,
                                 absl::Time deadline, Exchange& exchange) {
  const auto ended = std::make_shared<OneShot<bool>>();
  if (!lookup->WaitFor([ended] { ended->Set(true); })) co_return;
  exchange.OnDisconnect([lookup] {
    lookup->GiveUp(absl::CancelledError("the caller has disconnected"));
  });
  asio::steady_timer timer(co_await asio::this_coro::executor);
  SetDeadline(deadline, timer,
              [lookup](const absl::Status& why) { lookup->GiveUp(why); });
  co_await ended->Wait();
  timer.cancel();
  exchange.OnDisconnect(nullptr);
}

UnaryAnswer AnswerOf(DirectLookup& ended) {
  DirectAnswer answer = ended.TakeAnswer();
  return {
      ToRpcStatus(answer.status), std::move(answer.response),
      MetadataOf(std::move(answer.request_id), std::move(answer.trace_parent))};
}

// A stream. Its timer is made by the first Read, which has an executor.
class DirectStreamCall final : public GrpcCall {
 public:
  DirectStreamCall(std::shared_ptr<DirectStream> stream, absl::Time deadline)
      : stream_(std::move(stream)), deadline_(deadline) {}
  ~DirectStreamCall() override { Cancel(); }

  asio::awaitable<bool> Write(std::string message) override {
    const auto taken = std::make_shared<OneShot<bool>>();
    stream_->Write(std::move(message), [taken](bool ok) { taken->Set(ok); });
    co_return co_await taken->Wait();
  }
  void WritesDone() override { stream_->WritesDone(); }

  asio::awaitable<std::optional<std::string>> Read() override {
    using Message = std::optional<std::string>;
    if (!timer_.has_value()) {
      timer_.emplace(co_await asio::this_coro::executor);
      SetDeadline(deadline_, *timer_, [stream = stream_](absl::Status why) {
        stream->Cancel(why);
      });
    }
    const auto got = std::make_shared<OneShot<Message>>();
    stream_->Read([got](Message message) { got->Set(std::move(message)); });
    co_return co_await got->Wait();
  }

  asio::awaitable<grpc::Status> Finish() override {
    const auto ended = std::make_shared<OneShot<grpc::Status>>();
    stream_->WaitForEnd([ended](grpc::Status s) { ended->Set(std::move(s)); });
    grpc::Status status = co_await ended->Wait();
    timer_.reset();
    co_return status;
  }

  Fields response_metadata() const override {
    return MetadataOf(stream_->request_id(), stream_->trace_parent());
  }
  void Cancel() override {
    stream_->Cancel(absl::CancelledError("the caller has disconnected"));
  }

 private:
  const std::shared_ptr<DirectStream> stream_;
  const absl::Time deadline_;
  std::optional<asio::steady_timer> timer_;
};

}  // namespace

bool IsDirectUnary(const CallOptions& options) {
  return IsMethod(options.method, kGetPictureMethod);
}

bool IsDirectStream(const CallOptions& options) {
  return IsMethod(options.method, kEnrichMethod);
}

bool IsKnownCaller(const Channel& channel, const CallOptions& options) {
  return channel.server->KnowsCaller(DirectCallOf(options, "").authorizations);
}

asio::awaitable<UnaryAnswer> CallDirectly(Channel channel, CallOptions options,
                                          std::string request,
                                          Exchange& exchange) {
  const std::shared_ptr<DirectLookup> lookup =
      channel.server->StartLookup(DirectCallOf(options, request));
  // Most lookups are answered from the store at once.
  if (!lookup->HasEnded()) {
    co_await WaitForEnd(lookup, options.deadline, exchange);
  }
  co_return AnswerOf(*lookup);
}

std::unique_ptr<GrpcCall> StartDirectly(const Channel& channel,
                                        const CallOptions& options) {
  return std::make_unique<DirectStreamCall>(
      channel.server->StartEnrich(DirectCallOf(options, "")), options.deadline);
}

}  // namespace portrait::http
