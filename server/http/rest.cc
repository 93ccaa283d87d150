// Routes from the annotations of the contract, with JSON bodies.
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "server/http/direct_call.h"
#include "server/http/etag.h"
#include "server/http/gateway.h"
#include "server/http/http_errors.h"
#include "server/http/json.h"
#include "server/http/parameters.h"
#include "server/http/picture_json.h"
#include "server/http/wire_fields.h"

namespace portrait::http {
namespace {

namespace asio = boost::asio;
using google::protobuf::Message;

// gRPC ends the process if metadata has other characters.
bool IsMetadataValue(absl::string_view value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return c >= ' ' && absl::ascii_isprint(c); });
}

// Fills the request's message from the path, the query and the body.
absl::Status ReadRequest(const Request& request, const Route& route,
                         const Fields& variables, absl::string_view body,
                         Message* message) {
  if (route.has_body) {
    RETURN_IF_ERROR(ReadJson(body, UnknownFields::kRefuse, message));
  }
  const std::optional<Fields> query = ParseQuery(request.query);
  if (!query.has_value()) {
    return absl::InvalidArgumentError("the query has an invalid escape");
  }
  RETURN_IF_ERROR(BindParameters(*query, message));
  return BindParameters(variables, message);
}

// The bytes of a field that has a length; "" if `message` does not have it.
absl::string_view FieldIn(absl::string_view message, int number) {
  absl::string_view found;
  WireFields fields(message);
  while (fields.Next()) {
    if (fields.number() == number && fields.has_length()) {
      found = fields.content();
    }
  }
  return found;
}

// The answer of a lookup: `json` as protobuf writes it, but faster. Returns
// whether that is possible.
bool WritePicture(absl::string_view picture, std::string* json) {
  if (picture.empty()) return false;
  json->reserve(2 * picture.size());
  *json = "{\"profilePicture\":";
  if (!AppendPictureJson(picture, json)) return false;
  *json += '}';
  return true;
}

Response UnaryResponse(const google::protobuf::MethodDescriptor& method,
                       const std::vector<std::string>& tags,
                       const UnaryAnswer& answer) {
  if (!answer.status.ok()) return ErrorResponse(StatusOf(answer.status));
  if (IsQrCodeMethod(method)) return QrCodeResponse(answer.message);
  using Picture = v1::GetProfilePictureResponse;
  absl::string_view picture;
  // By name: the type is that of the contract with its routes.
  if (method.output_type()->full_name() == Picture::descriptor()->full_name()) {
    picture = FieldIn(answer.message, Picture::kProfilePictureFieldNumber);
  }
  std::string json;
  if (!WritePicture(picture, &json)) {
    auto written = WriteJson(*method.output_type(), answer.message);
    if (!written.ok()) return ErrorResponse(written.status());
    json = *std::move(written);
  }
  Response response = JsonResponse(std::move(json));
  ApplyTag(tags, FieldIn(picture, v1::ProfilePicture::kIdFieldNumber),
           &response);
  return response;
}

asio::awaitable<void> AnswerUnary(Channel channel, const Route& route,
                                  std::unique_ptr<Message> message,
                                  Exchange& exchange) {
  const std::vector<std::string> tags = TagsOf(exchange.request());
  BindTag(tags, message.get());
  CallOptions options = CallOptionsOf(exchange.request(), *route.method);
  std::string request = message->SerializeAsString();
  UnaryAnswer answer = co_await CallUnary(
      std::move(channel), std::move(options), std::move(request), exchange);
  Response response = UnaryResponse(*route.method, tags, answer);
  for (auto& header : HeadersOfMetadata(answer.metadata)) {
    response.headers.push_back(std::move(header));
  }
  (void)co_await exchange.Respond(std::move(response));
}

asio::awaitable<void> AnswerStream(
    Channel channel, const google::protobuf::MethodDescriptor& method,
    std::unique_ptr<Message> message, Exchange& exchange) {
  if (method.client_streaming()) {
    co_await AnswerBulk(channel, method, *message, exchange);
  } else if (IsImageMethod(method)) {
    co_await AnswerImage(channel, method, *message, exchange);
  } else {
    co_await AnswerJsonStream(channel, method, *message, exchange);
  }
}

asio::awaitable<void> Refuse(absl::Status why, Exchange& exchange) {
  Response refusal = ErrorResponse(why);
  (void)co_await exchange.Respond(std::move(refusal));
}

// The answer to a request whose body is known; nullopt: it was not read. A
// plain function, since each coroutine costs.
asio::awaitable<void> AnswerRequest(Channel channel, const Route& route,
                                    const Fields& variables,
                                    const std::optional<std::string>& body,
                                    Exchange& exchange) {
  const auto& method = *route.method;
  std::unique_ptr<Message> message(route.request->New());
  absl::Status status;
  if (body.has_value()) {
    status =
        ReadRequest(exchange.request(), route, variables, *body, message.get());
  }
  if (!status.ok()) return Refuse(std::move(status), exchange);
  if (method.client_streaming() || method.server_streaming()) {
    return AnswerStream(std::move(channel), method, std::move(message),
                        exchange);
  }
  return AnswerUnary(std::move(channel), route, std::move(message), exchange);
}

asio::awaitable<void> AnswerWithBody(Channel channel, const Route& route,
                                     Fields variables, Exchange& exchange) {
  const absl::string_view type = exchange.request().Header("content-type");
  if (!type.empty() && !IsContentType(type, "application/json")) {
    (void)co_await exchange.Respond(ErrorResponse(
        absl::InvalidArgumentError("Content-Type: expected application/json"),
        415));
    co_return;
  }
  const auto body = co_await ReadCallBody(
      channel, CallOptionsOf(exchange.request(), *route.method),
      MaxJsonBytes(*route.method), exchange);
  if (!body.ok()) {
    (void)co_await exchange.Respond(BodyErrorResponse(body.status()));
    co_return;
  }
  co_await AnswerRequest(std::move(channel), route, variables, *body, exchange);
}

}  // namespace

CallOptions CallOptionsOf(const Request& request,
                          const google::protobuf::MethodDescriptor& method) {
  CallOptions options;
  options.method = PathOf(method);
  for (const auto& [name, value] : request.headers) {
    if (name != "authorization" && name != "traceparent" &&
        name != "x-request-id") {
      continue;
    }
    if (IsMetadataValue(value)) options.metadata.emplace_back(name, value);
  }
  double seconds = 0;
  if (absl::SimpleAtod(request.Header("x-server-timeout"), &seconds) &&
      seconds > 0) {
    options.deadline =
        absl::Now() + std::min(absl::Seconds(seconds), kMaxCallTimeout);
  }
  return options;
}

size_t MaxJsonBytes(const google::protobuf::MethodDescriptor& method) {
  const auto& request = *method.input_type();
  for (int i = 0; i < request.field_count(); ++i) {
    using google::protobuf::FieldDescriptor;
    if (request.field(i)->type() == FieldDescriptor::TYPE_BYTES) {
      return kMaxUploadJsonBytes;
    }
  }
  return kMaxBodyBytes;
}

absl::Status StreamsNeedHttp2() {
  return absl::UnimplementedError(
      "streams of requests need HTTP/2: use gRPC, or "
      "POST /v1/profilePictures:enrich");
}

asio::awaitable<absl::StatusOr<std::optional<std::string>>> ReadCallBody(
    const Channel& channel, const CallOptions& options, size_t max_bytes,
    Exchange& exchange) {
  using Result = absl::StatusOr<std::optional<std::string>>;
  if (!IsKnownCaller(channel, options)) co_return Result(std::nullopt);
  absl::StatusOr<std::string> body =
      co_await ReadWholeBody(exchange, max_bytes);
  if (!body.ok()) co_return Result(body.status());
  co_return Result(*std::move(body));
}

Fields HeadersOfMetadata(const Fields& metadata) {
  Fields headers;
  for (const auto& [name, value] : metadata) {
    if (name == "x-request-id") headers.emplace_back("X-Request-Id", value);
    if (name == "traceparent") headers.emplace_back("Traceparent", value);
  }
  return headers;
}

asio::awaitable<void> AnswerRoute(Channel channel, const Route& route,
                                  Fields variables, Exchange& exchange) {
  if (route.has_body && !route.method->client_streaming()) {
    return AnswerWithBody(std::move(channel), route, std::move(variables),
                          exchange);
  }
  return AnswerRequest(std::move(channel), route, variables, "", exchange);
}

}  // namespace portrait::http
