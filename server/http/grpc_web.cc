// gRPC-Web (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md):
// calls with one request, in binary or, for old browsers, in base64.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/http/envelope.h"
#include "server/http/gateway.h"
#include "server/http/http_errors.h"

namespace portrait::http {
namespace {

namespace asio = boost::asio;
using google::protobuf::MethodDescriptor;

constexpr absl::string_view kWebTypes[] = {"application/grpc-web",
                                           "application/grpc-web+proto"};
constexpr absl::string_view kWebTextTypes[] = {
    "application/grpc-web-text", "application/grpc-web-text+proto"};
constexpr size_t kMaxTimeoutDigits = 8;

template <typename Types>
bool IsOneOf(const Request& request, const Types& types) {
  for (const absl::string_view type : types) {
    if (IsContentType(request.Header("content-type"), type)) return true;
  }
  return false;
}

// "30S", "500m"; nullopt if it is malformed.
std::optional<absl::Duration> ParseTimeout(absl::string_view text) {
  int64_t value = 0;
  if (text.size() < 2 || text.size() > kMaxTimeoutDigits + 1 ||
      !absl::SimpleAtoi(text.substr(0, text.size() - 1), &value) || value < 0) {
    return std::nullopt;
  }
  switch (text.back()) {
    case 'H':
      return absl::Hours(value);
    case 'M':
      return absl::Minutes(value);
    case 'S':
      return absl::Seconds(value);
    case 'm':
      return absl::Milliseconds(value);
    case 'u':
      return absl::Microseconds(value);
    case 'n':
      return absl::Nanoseconds(value);
    default:
      return std::nullopt;
  }
}

// As gRPC encodes grpc-message.
std::string PercentEncode(absl::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (c >= ' ' && c <= '~' && c != '%') {
      encoded.push_back(c);
    } else {
      absl::StrAppend(&encoded, "%",
                      absl::AsciiStrToUpper(
                          absl::BytesToHexString(absl::string_view(&c, 1))));
    }
  }
  return encoded;
}

// The response of one call.
class WebResponse {
 public:
  WebResponse(Exchange& exchange, bool is_text)
      : exchange_(exchange), is_text_(is_text) {}

  asio::awaitable<absl::Status> Write(uint8_t flags, std::string message,
                                      Fields metadata) {
    if (!is_started_) {
      is_started_ = true;
      Response head = HeadOf(std::move(metadata));
      const absl::Status started =
          co_await exchange_.StartStream(std::move(head));
      if (!started.ok()) co_return started;
    }
    std::string piece = Envelope(flags, message);
    // Each piece is padded: a client decodes it when it arrives.
    if (is_text_) piece = absl::Base64Escape(piece);
    co_return co_await exchange_.Write(std::move(piece));
  }

  // Ends the response; the HTTP status is always 200.
  asio::awaitable<void> End(google::rpc::Status status, Fields metadata) {
    std::string trailer = absl::StrCat(
        "grpc-status: ", status.code(),
        "\r\ngrpc-message: ", PercentEncode(status.message()), "\r\n");
    if (status.details_size() > 0) {
      absl::StrAppend(&trailer, "grpc-status-details-bin: ",
                      absl::Base64Escape(status.SerializeAsString()), "\r\n");
    }
    const absl::Status sent = co_await Write(
        kGrpcWebTrailer, std::move(trailer), std::move(metadata));
    if (sent.ok()) (void)co_await exchange_.FinishStream();
  }

 private:
  Response HeadOf(Fields metadata) const {
    Response head;
    head.content_type = std::string(is_text_ ? kWebTextTypes[1] : kWebTypes[1]);
    head.headers = HeadersOfMetadata(metadata);
    head.headers.emplace_back("X-Accel-Buffering", "no");
    return head;
  }

  Exchange& exchange_;
  const bool is_text_;
  bool is_started_ = false;
};

absl::StatusOr<CallOptions> ReadWebHeaders(const Request& request,
                                           const MethodDescriptor& method) {
  if (method.client_streaming()) {
    return StreamsNeedHttp2();
  }
  CallOptions options = CallOptionsOf(request, method);
  const absl::string_view timeout = request.Header("grpc-timeout");
  if (timeout.empty()) return options;
  const std::optional<absl::Duration> parsed = ParseTimeout(timeout);
  if (!parsed.has_value()) {
    return absl::InvalidArgumentError("grpc-timeout: expected a duration");
  }
  options.deadline = absl::Now() + std::min(*parsed, kMaxCallTimeout);
  return options;
}

asio::awaitable<absl::StatusOr<std::string>> ReadWebMessage(
    const Channel& channel, const CallOptions& options, bool is_text,
    Exchange& exchange) {
  const absl::StatusOr<std::optional<std::string>> body = co_await ReadCallBody(
      channel, options, is_text ? kMaxBodyBytes / 3 * 4 : kMaxBodyBytes,
      exchange);
  if (absl::IsOutOfRange(body.status())) {
    co_return absl::ResourceExhaustedError(body.status().message());
  }
  if (!body.ok()) co_return body.status();
  if (!body->has_value()) co_return std::string();
  std::string decoded;
  if (is_text && !absl::Base64Unescape(**body, &decoded)) {
    co_return absl::InvalidArgumentError("the request's body is not base64");
  }
  co_return OpenEnvelope(is_text ? decoded : **body);
}

asio::awaitable<void> SendUnary(Channel channel, CallOptions options,
                                std::string message, WebResponse& response,
                                Exchange& exchange) {
  // As a stream, gRPC's in-process transport may drop the message that comes
  // together with the status.
  UnaryAnswer answer = co_await CallUnary(channel, std::move(options),
                                          std::move(message), exchange);
  absl::Status sent;
  if (answer.status.ok()) {
    Fields metadata = answer.metadata;
    sent = co_await response.Write(0, std::move(answer.message),
                                   std::move(metadata));
  }
  if (!sent.ok()) co_return;
  google::rpc::Status status = StatusOf(answer.status);
  co_await response.End(std::move(status), std::move(answer.metadata));
}

// Sends the call's messages, then its status.
asio::awaitable<void> SendStream(Channel channel, CallOptions options,
                                 std::string message, WebResponse& response,
                                 Exchange& exchange) {
  const std::unique_ptr<GrpcCall> call =
      GrpcCall::Start(channel, std::move(options));
  exchange.OnDisconnect([&call = *call] { call.Cancel(); });
  const bool written = co_await call->Write(std::move(message));
  if (written) call->WritesDone();
  absl::Status sent;
  while (sent.ok()) {
    std::optional<std::string> next = co_await call->Read();
    if (!next.has_value()) break;
    Fields metadata = call->response_metadata();
    sent = co_await response.Write(0, *std::move(next), std::move(metadata));
  }
  if (!sent.ok()) call->Cancel();
  const grpc::Status ended = co_await call->Finish();
  exchange.OnDisconnect(nullptr);
  if (!sent.ok()) co_return;
  google::rpc::Status status = StatusOf(ended);
  Fields metadata = call->response_metadata();
  co_await response.End(std::move(status), std::move(metadata));
}

}  // namespace

bool IsGrpcWeb(const Request& request) {
  return IsOneOf(request, kWebTypes) || IsOneOf(request, kWebTextTypes);
}

asio::awaitable<void> AnswerGrpcWeb(Channel channel,
                                    const MethodDescriptor& method,
                                    Exchange& exchange) {
  const bool is_text = IsOneOf(exchange.request(), kWebTextTypes);
  WebResponse response(exchange, is_text);
  absl::StatusOr<CallOptions> options =
      ReadWebHeaders(exchange.request(), method);
  absl::StatusOr<std::string> message = std::string();
  if (options.ok()) {
    message = co_await ReadWebMessage(channel, *options, is_text, exchange);
  } else {
    message = options.status();
  }
  if (!message.ok()) {
    google::rpc::Status status = StatusOf(message.status());
    Fields none;
    co_await response.End(std::move(status), std::move(none));
    co_return;
  }
  CallOptions call = *std::move(options);
  std::string request = *std::move(message);
  if (method.server_streaming()) {
    co_await SendStream(channel, std::move(call), std::move(request), response,
                        exchange);
  } else {
    co_await SendUnary(channel, std::move(call), std::move(request), response,
                       exchange);
  }
}

}  // namespace portrait::http
