// The image of a picture as a body: whole, a range of it, or only its head.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "portrait/v1/profile_picture.pb.h"
#include "server/http/byte_range.h"
#include "server/http/etag.h"
#include "server/http/gateway.h"
#include "server/http/http_errors.h"

namespace portrait::http {
namespace {

namespace asio = boost::asio;

// The picture is a stranger's: a browser must not run what it holds.
absl::string_view SafeType(absl::string_view type) {
  for (const absl::string_view safe :
       {"image/jpeg", "image/png", "image/webp"}) {
    if (type == safe) return safe;
  }
  return "application/octet-stream";
}

// The head of the response, and the bytes that follow it.
struct ImageAnswer {
  Response head;
  std::optional<ByteRange> body;  // nullopt: no body, as for 304 and 416
};

ImageAnswer AnswerFor(const Request& request,
                      const v1::ImageMetadata& metadata) {
  const auto size = static_cast<uint64_t>(metadata.size_bytes());
  // Strong: it is the hash of the bytes. A thumbnail has its own.
  const std::string tag = absl::BytesToHexString(metadata.sha256());
  ImageAnswer answer;
  Fields& headers = answer.head.headers;
  headers.emplace_back("ETag", absl::StrCat("\"", tag, "\""));
  headers.emplace_back("Accept-Ranges", "bytes");
  if (HasTag(TagsOf(request), tag)) {
    answer.head.status = 304;
    return answer;
  }
  std::optional<ByteRange> range;
  const absl::string_view wanted_if = request.Header("if-range");
  // RFC 9110, section 14.2: a range is defined for GET only.
  if (request.method == "GET" &&
      (wanted_if.empty() || wanted_if == headers.front().second)) {
    range = ParseByteRange(request.Header("range"), size);
  }
  if (range.has_value() && range->first == range->end) {
    answer.head.status = 416;
    headers.emplace_back("Content-Range", absl::StrCat("bytes */", size));
    return answer;
  }
  if (range.has_value()) {
    answer.head.status = 206;
    headers.emplace_back(
        "Content-Range",
        absl::StrCat("bytes ", range->first, "-", range->end - 1, "/", size));
  }
  answer.body = range.value_or(ByteRange{0, size});
  answer.head.content_type = std::string(SafeType(metadata.content_type()));
  answer.head.body_bytes = answer.body->end - answer.body->first;
  return answer;
}

// Sends the part of the image that `range` asks for.
asio::awaitable<absl::Status> RelayChunks(GrpcCall& call, ByteRange range,
                                          Exchange& exchange) {
  uint64_t at = 0;
  while (at < range.end) {
    const std::optional<std::string> bytes = co_await call.Read();
    v1::DownloadProfilePictureResponse part;
    if (!bytes.has_value() || !part.ParseFromString(*bytes) ||
        part.chunk().empty()) {
      co_return absl::UnavailableError("the image ended early");
    }
    const uint64_t first = std::max(at, range.first);
    const uint64_t end = std::min(at + part.chunk().size(), range.end);
    if (first < end) {
      const absl::Status sent =
          co_await exchange.Write(part.chunk().substr(first - at, end - first));
      if (!sent.ok()) co_return sent;
    }
    at += part.chunk().size();
  }
  co_return co_await exchange.FinishStream();
}

// The metadata, which come first; nothing if the call has failed.
asio::awaitable<std::optional<v1::ImageMetadata>> ReadMetadata(GrpcCall& call) {
  const std::optional<std::string> bytes = co_await call.Read();
  v1::DownloadProfilePictureResponse part;
  if (!bytes.has_value()) co_return std::nullopt;
  if (!part.ParseFromString(*bytes) || !part.has_metadata()) {
    call.Cancel();
    co_return std::nullopt;
  }
  co_return std::move(*part.mutable_metadata());
}

}  // namespace

bool IsImageMethod(const google::protobuf::MethodDescriptor& method) {
  return method.output_type()->full_name() ==
         v1::DownloadProfilePictureResponse::descriptor()->full_name();
}

asio::awaitable<void> AnswerImage(
    Channel channel, const google::protobuf::MethodDescriptor& method,
    const google::protobuf::Message& request, Exchange& exchange) {
  const std::unique_ptr<GrpcCall> call =
      GrpcCall::Start(channel, CallOptionsOf(exchange.request(), method));
  exchange.OnDisconnect([&call = *call] { call.Cancel(); });
  const bool written = co_await call->Write(request.SerializeAsString());
  if (written) call->WritesDone();
  const std::optional<v1::ImageMetadata> metadata =
      co_await ReadMetadata(*call);
  if (!metadata.has_value()) {
    const grpc::Status ended = co_await call->Finish();
    exchange.OnDisconnect(nullptr);
    (void)co_await exchange.Respond(ErrorResponse(StatusOf(ended)));
    co_return;
  }
  ImageAnswer answer = AnswerFor(exchange.request(), *metadata);
  for (auto& header : HeadersOfMetadata(call->response_metadata())) {
    answer.head.headers.push_back(std::move(header));
  }
  absl::Status sent;
  if (!answer.body.has_value()) {
    sent = co_await exchange.Respond(std::move(answer.head));
  } else {
    sent = co_await exchange.StartStream(std::move(answer.head));
    const bool is_head = exchange.request().method == "HEAD";
    if (sent.ok() && is_head) sent = co_await exchange.FinishStream();
    if (sent.ok() && !is_head) {
      (void)co_await RelayChunks(*call, *answer.body, exchange);
    }
  }
  call->Cancel();  // the rest is not needed
  (void)co_await call->Finish();
  exchange.OnDisconnect(nullptr);
}

}  // namespace portrait::http
