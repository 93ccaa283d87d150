// The Connect protocol (https://connectrpc.com/docs/protocol): unary calls with
// JSON or binary bodies, and streams of responses in envelopes.
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "core/base/json_text.h"
#include "server/http/envelope.h"
#include "server/http/gateway.h"
#include "server/http/http_errors.h"
#include "server/http/json.h"

namespace portrait::http {
namespace {

namespace asio = boost::asio;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// What the Content-Type says.
struct Codec {
  bool is_json = true;
  bool is_stream = false;

  std::string content_type() const {
    return absl::StrCat("application/", is_stream ? "connect+" : "",
                        is_json ? "json" : "proto");
  }
};

std::optional<Codec> CodecOf(absl::string_view content_type) {
  for (const bool is_stream : {false, true}) {
    for (const bool is_json : {false, true}) {
      const Codec codec{is_json, is_stream};
      if (IsContentType(content_type, codec.content_type())) return codec;
    }
  }
  return std::nullopt;
}

// "INVALID_ARGUMENT" → "invalid_argument"; Connect writes "canceled".
std::string CodeName(int code) {
  const auto status = static_cast<absl::StatusCode>(code);
  if (status == absl::StatusCode::kCancelled) return "canceled";
  const std::string name =
      absl::AsciiStrToLower(absl::StatusCodeToString(status));
  return name.empty() ? "unknown" : name;
}

// {"code":"not_found","message":"…","details":[{"type":…,"value":…}]}.
std::string ErrorJson(const google::rpc::Status& status) {
  std::string json =
      absl::StrCat("{\"code\":\"", CodeName(status.code()), "\",\"message\":");
  AppendJsonText(status.message(), &json);
  for (int i = 0; i < status.details_size(); ++i) {
    absl::string_view type = status.details(i).type_url();
    absl::ConsumePrefix(&type, "type.googleapis.com/");
    std::string value = absl::Base64Escape(status.details(i).value());
    while (absl::EndsWith(value, "=")) value.pop_back();
    absl::StrAppend(&json, i == 0 ? ",\"details\":[" : ",", "{\"type\":\"",
                    type, "\",\"value\":\"", value, "\"}");
  }
  if (status.details_size() > 0) json += "]";
  return json + "}";
}

// The request's message, serialized.
absl::StatusOr<std::string> ReadMessage(const Codec& codec,
                                        const MethodDescriptor& method,
                                        absl::string_view body) {
  const std::unique_ptr<Message> message = NewMessage(*method.input_type());
  if (codec.is_json) {
    const absl::Status read =
        ReadJson(body, UnknownFields::kIgnore, message.get());
    if (!read.ok()) return read;
    return message->SerializeAsString();
  }
  if (!message->ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return absl::InvalidArgumentError("the request's message is malformed");
  }
  return std::string(body);
}

absl::StatusOr<std::string> WriteMessage(const Codec& codec,
                                         const MethodDescriptor& method,
                                         std::string message) {
  if (!codec.is_json) return message;
  return WriteJson(*method.output_type(), message);
}

// Errors: INVALID_ARGUMENT for a version or timeout, UNIMPLEMENTED for a
// compression.
absl::StatusOr<CallOptions> ReadHeaders(const Request& request,
                                        const Codec& codec,
                                        const MethodDescriptor& method) {
  CallOptions options = CallOptionsOf(request, method);
  const absl::string_view version = request.Header("connect-protocol-version");
  if (!version.empty() && version != "1") {
    return absl::InvalidArgumentError("Connect-Protocol-Version: expected 1");
  }
  const absl::string_view encoding = request.Header(
      codec.is_stream ? "connect-content-encoding" : "content-encoding");
  if (!encoding.empty() && encoding != "identity") {
    return absl::UnimplementedError(
        "compressed requests are not served; supported: identity");
  }
  const absl::string_view timeout = request.Header("connect-timeout-ms");
  if (!timeout.empty()) {
    int64_t milliseconds = 0;
    if (!absl::SimpleAtoi(timeout, &milliseconds) || milliseconds < 0) {
      return absl::InvalidArgumentError(
          "Connect-Timeout-Ms: expected milliseconds");
    }
    options.deadline = absl::Now() + std::min(absl::Milliseconds(milliseconds),
                                              kMaxCallTimeout);
  }
  return options;
}

Response UnaryError(const google::rpc::Status& status) {
  Response response;
  response.status = HttpStatusOf(status.code());
  response.content_type = "application/json";
  response.headers = HeadersOf(status);
  response.body = ErrorJson(status);
  return response;
}

Response StreamHeadOf(const Codec& codec, const Fields& metadata) {
  Response head;
  head.content_type = codec.content_type();
  head.headers = HeadersOfMetadata(metadata);
  return head;
}

Response WrongType(bool is_stream) {
  Response response;
  response.status = 415;
  const std::string infix = is_stream ? "connect+" : "";
  response.headers.emplace_back(
      "Accept-Post", absl::StrCat("application/", infix, "json, application/",
                                  infix, "proto"));
  return response;
}

asio::awaitable<absl::StatusOr<std::string>> ReadCall(
    const Channel& channel, const CallOptions& options, const Codec& codec,
    const MethodDescriptor& method, Exchange& exchange) {
  const size_t max_bytes = codec.is_json ? MaxJsonBytes(method) : kMaxBodyBytes;
  const absl::StatusOr<std::optional<std::string>> body =
      co_await ReadCallBody(channel, options, max_bytes, exchange);
  if (absl::IsOutOfRange(body.status())) {
    co_return absl::ResourceExhaustedError(body.status().message());
  }
  if (!body.ok()) co_return body.status();
  if (!body->has_value()) co_return std::string();
  if (!codec.is_stream) co_return ReadMessage(codec, method, **body);
  const absl::StatusOr<std::string> opened = OpenEnvelope(**body);
  if (!opened.ok()) co_return opened.status();
  co_return ReadMessage(codec, method, *opened);
}

asio::awaitable<void> AnswerUnary(Channel channel, Codec codec,
                                  const MethodDescriptor& method,
                                  CallOptions options, Exchange& exchange) {
  auto message = co_await ReadCall(channel, options, codec, method, exchange);
  if (!message.ok()) {
    (void)co_await exchange.Respond(UnaryError(StatusOf(message.status())));
    co_return;
  }
  UnaryAnswer answer = co_await CallUnary(channel, std::move(options),
                                          *std::move(message), exchange);
  Response response;
  if (answer.status.ok()) {
    auto body = WriteMessage(codec, method, std::move(answer.message));
    response.content_type = codec.content_type();
    if (body.ok()) {
      response.body = *std::move(body);
    } else {
      response = UnaryError(StatusOf(body.status()));
    }
  } else {
    response = UnaryError(StatusOf(answer.status));
  }
  for (auto& header : HeadersOfMetadata(answer.metadata)) {
    response.headers.push_back(std::move(header));
  }
  (void)co_await exchange.Respond(std::move(response));
}

// Ends a stream; its HTTP status is always 200.
asio::awaitable<void> EndStream(Codec codec, bool is_started,
                                google::rpc::Status status,
                                Exchange& exchange) {
  absl::Status sent;
  if (!is_started) {
    Response head = StreamHeadOf(codec, Fields());
    sent = co_await exchange.StartStream(std::move(head));
  }
  const std::string end =
      status.code() == 0 ? "{}"
                         : absl::StrCat("{\"error\":", ErrorJson(status), "}");
  if (sent.ok()) sent = co_await exchange.Write(Envelope(kConnectEnd, end));
  if (sent.ok()) (void)co_await exchange.FinishStream();
}

asio::awaitable<void> AnswerStream(Channel channel, Codec codec,
                                   const MethodDescriptor& method,
                                   CallOptions options, Exchange& exchange) {
  auto message = co_await ReadCall(channel, options, codec, method, exchange);
  if (!message.ok()) {
    co_await EndStream(codec, false, StatusOf(message.status()), exchange);
    co_return;
  }
  const std::unique_ptr<GrpcCall> call =
      GrpcCall::Start(channel, std::move(options));
  exchange.OnDisconnect([&call = *call] { call.Cancel(); });
  const bool written = co_await call->Write(*std::move(message));
  if (written) call->WritesDone();
  absl::Status sent;
  bool is_started = false;
  while (sent.ok()) {
    std::optional<std::string> next = co_await call->Read();
    if (!next.has_value()) break;
    auto body = WriteMessage(codec, method, *std::move(next));
    sent = body.status();
    if (sent.ok() && !is_started) {
      is_started = true;
      Response head = StreamHeadOf(codec, call->response_metadata());
      sent = co_await exchange.StartStream(std::move(head));
    }
    if (sent.ok()) sent = co_await exchange.Write(Envelope(0, *body));
  }
  if (!sent.ok()) call->Cancel();
  const grpc::Status ended = co_await call->Finish();
  exchange.OnDisconnect(nullptr);
  if (sent.ok()) {
    co_await EndStream(codec, is_started, StatusOf(ended), exchange);
  }
}

}  // namespace

asio::awaitable<void> AnswerConnect(Channel channel,
                                    const MethodDescriptor& method,
                                    Exchange& exchange) {
  const Request& request = exchange.request();
  const std::optional<Codec> codec = CodecOf(request.Header("content-type"));
  const bool is_stream = method.client_streaming() || method.server_streaming();
  if (!codec.has_value() || codec->is_stream != is_stream) {
    Response response = WrongType(is_stream);
    (void)co_await exchange.Respond(std::move(response));
    co_return;
  }
  absl::StatusOr<CallOptions> options = ReadHeaders(request, *codec, method);
  if (options.ok() && method.client_streaming()) {
    options = StreamsNeedHttp2();
  }
  if (!options.ok() && codec->is_stream) {
    co_await EndStream(*codec, false, StatusOf(options.status()), exchange);
  } else if (!options.ok()) {
    (void)co_await exchange.Respond(UnaryError(StatusOf(options.status())));
  } else if (codec->is_stream) {
    co_await AnswerStream(channel, *codec, method, *std::move(options),
                          exchange);
  } else {
    co_await AnswerUnary(channel, *codec, method, *std::move(options),
                         exchange);
  }
}

}  // namespace portrait::http
