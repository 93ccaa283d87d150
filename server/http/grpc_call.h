// Calls of our own server, from coroutines. Lookups of one contact are direct
// (server/direct_lookup.h); all other calls pass gRPC's in-process channel,
// with the same interceptors and handlers as calls from the network. Token,
// right, quota, guard, audit and metrics apply to both.
#ifndef PORTRAIT_SERVER_HTTP_GRPC_CALL_H_
#define PORTRAIT_SERVER_HTTP_GRPC_CALL_H_

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/status.h"
#include "server/http/exchange.h"
#include "server/http/http_message.h"
#include "server/server.h"

namespace portrait::http {

struct CallOptions {
  std::string method;  // "/portrait.v1.SessionService/ListSessions"
  Fields metadata;     // "authorization", "traceparent", …
  absl::Time deadline = absl::InfiniteFuture();
};

// Leads to our own server. A value type.
struct Channel {
  std::shared_ptr<grpc::Channel> grpc;
  PortraitServer* server;  // borrowed
};

struct UnaryAnswer {
  grpc::Status status;
  std::string message;  // serialized; empty if the status is not OK
  Fields metadata;      // x-request-id, traceparent
};

// Makes a unary call; it is cancelled if the caller of `exchange` disconnects.
boost::asio::awaitable<UnaryAnswer> CallUnary(Channel channel,
                                              CallOptions options,
                                              std::string request,
                                              Exchange& exchange);

// A call with any number of messages in both directions, serialized. Streams of
// one direction are special cases.
//
// Confined to a strand, but for Cancel. At most one Write and one Read wait at
// a time; after Finish they return at once. A call that is destroyed is
// cancelled.
class GrpcCall {
 public:
  static std::unique_ptr<GrpcCall> Start(const Channel& channel,
                                         CallOptions options);
  virtual ~GrpcCall() = default;

  // Returns once the server has taken the message, which is backpressure; false
  // if the call has ended.
  virtual boost::asio::awaitable<bool> Write(std::string message) = 0;
  // No more messages follow.
  virtual void WritesDone() = 0;
  // The next message; nullopt once there are no more.
  virtual boost::asio::awaitable<std::optional<std::string>> Read() = 0;
  // The end of the call. Call it after Read has returned nullopt, or after
  // Cancel.
  virtual boost::asio::awaitable<grpc::Status> Finish() = 0;
  // The response's metadata: x-request-id, traceparent. Set once Read or Finish
  // has returned.
  virtual Fields response_metadata() const = 0;
  virtual void Cancel() = 0;
};

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_GRPC_CALL_H_
