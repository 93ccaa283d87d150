// Gateway answers HTTP requests by calls of the gRPC server. It has four
// dialects: routes from the contract's annotations with JSON (rest.cc), streams
// of JSON (json_stream.cc), the Connect protocol (connect_protocol.cc) and
// gRPC-Web (grpc_web.cc).
#ifndef PORTRAIT_SERVER_HTTP_GATEWAY_H_
#define PORTRAIT_SERVER_HTTP_GATEWAY_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "server/http/exchange.h"
#include "server/http/grpc_call.h"
#include "server/http/route_table.h"

namespace portrait::http {

// As for gRPC.
inline constexpr size_t kMaxBodyBytes = 4 << 20;
// JSON of a request that uploads an image, which has at most 3 MiB: 4 MiB in
// base64, and the other fields.
inline constexpr size_t kMaxUploadJsonBytes = kMaxBodyBytes + (64 << 10);

// The limit of a request's body in JSON.
size_t MaxJsonBytes(const google::protobuf::MethodDescriptor& method);

// The call of `method` for a request: its token, trace and request id become
// metadata. Values that gRPC could not carry are left out.
CallOptions CallOptionsOf(const Request& request,
                          const google::protobuf::MethodDescriptor& method);

// Longer ones are cut.
inline constexpr absl::Duration kMaxCallTimeout = absl::Hours(24);

// The answer to a method that HTTP/1.1 cannot call in this dialect.
absl::Status StreamsNeedHttp2();

// Reads the body of a call; nullopt without reading it if the token is not
// valid: the call is then made without a message, and refused like any other.
//
// Errors: those of ReadWholeBody.
boost::asio::awaitable<absl::StatusOr<std::optional<std::string>>> ReadCallBody(
    const Channel& channel, const CallOptions& options, size_t max_bytes,
    Exchange& exchange);

// Answers a request for a route of the contract.
boost::asio::awaitable<void> AnswerRoute(Channel channel, const Route& route,
                                         Fields variables, Exchange& exchange);

// Answers a call with a stream of responses: as server-sent events or one line
// of JSON for each message. `request` is the only request.
boost::asio::awaitable<void> AnswerJsonStream(
    Channel channel, const google::protobuf::MethodDescriptor& method,
    const google::protobuf::Message& request, Exchange& exchange);

// Whether the responses are an image, and the answer of such a call: the bytes,
// or with a Range header some of them; 304 if the caller has the image.
bool IsImageMethod(const google::protobuf::MethodDescriptor& method);
boost::asio::awaitable<void> AnswerImage(
    Channel channel, const google::protobuf::MethodDescriptor& method,
    const google::protobuf::Message& request, Exchange& exchange);

// Whether the response is drawn, and the drawing of a serialized one, as SVG.
bool IsQrCodeMethod(const google::protobuf::MethodDescriptor& method);
Response QrCodeResponse(const std::string& message);

// Answers a bulk lookup: one item per line in, one result per line out, with
// backpressure in both directions. `first` has the options of the whole stream.
boost::asio::awaitable<void> AnswerBulk(
    Channel channel, const google::protobuf::MethodDescriptor& method,
    const google::protobuf::Message& first, Exchange& exchange);

// Answers "POST /portrait.v1.Service/Method" of the Connect protocol.
boost::asio::awaitable<void> AnswerConnect(
    Channel channel, const google::protobuf::MethodDescriptor& method,
    Exchange& exchange);

// The same path, where the Content-Type is one of gRPC-Web's.
bool IsGrpcWeb(const Request& request);
boost::asio::awaitable<void> AnswerGrpcWeb(
    Channel channel, const google::protobuf::MethodDescriptor& method,
    Exchange& exchange);

// Answers kLivePath with 200, and kReadyPath with 200 while lookups are served,
// otherwise with 503.
inline constexpr absl::string_view kLivePath = "/livez";
inline constexpr absl::string_view kReadyPath = "/readyz";
boost::asio::awaitable<void> AnswerHealth(Channel channel, Exchange& exchange);

// The metadata that callers get back, as headers: x-request-id, traceparent.
Fields HeadersOfMetadata(const Fields& metadata);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_GATEWAY_H_
