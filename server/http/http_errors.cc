#include "server/http/http_errors.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/json_text.h"
#include "core/base/proto_time.h"
#include "core/base/utf8.h"
#include "google/protobuf/util/json_util.h"
#include "google/rpc/error_details.pb.h"
#include "server/rpc_status.h"

namespace portrait::http {
namespace {

constexpr int64_t kMaxRetrySeconds = 24 * 60 * 60;

// For an error without RetryInfo that may pass by itself.
constexpr absl::Duration kDefaultRetry = absl::Seconds(1);

int CodeOf(absl::StatusCode code) { return static_cast<int>(code); }

}  // namespace

google::rpc::Status StatusOf(const grpc::Status& status) {
  google::rpc::Status result;
  if (status.error_details().empty() ||
      !result.ParseFromString(status.error_details())) {
    result.Clear();
  }
  result.set_code(status.error_code());
  // gRPC's own messages may hold bytes of the request.
  result.set_message(ValidUtf8(status.error_message()));
  return result;
}

google::rpc::Status StatusOf(const absl::Status& status) {
  return StatusOf(ToRpcStatus(status));
}

int HttpStatusOf(int code) {
  switch (static_cast<absl::StatusCode>(code)) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:  // UNKNOWN, INTERNAL, DATA_LOSS
      return 500;
  }
}

std::optional<absl::Duration> RetryDelayOf(const google::rpc::Status& status) {
  google::rpc::RetryInfo retry;
  for (const auto& detail : status.details()) {
    if (!detail.UnpackTo(&retry)) continue;
    return FromProto(retry.retry_delay());
  }
  return std::nullopt;
}

Fields HeadersOf(const google::rpc::Status& status) {
  Fields headers;
  std::optional<absl::Duration> delay = RetryDelayOf(status);
  if (!delay.has_value() &&
      (status.code() == CodeOf(absl::StatusCode::kUnavailable) ||
       status.code() == CodeOf(absl::StatusCode::kResourceExhausted))) {
    delay = kDefaultRetry;
  }
  if (delay.has_value()) {
    const int64_t seconds =
        absl::ToInt64Seconds(absl::Ceil(*delay, absl::Seconds(1)));
    headers.emplace_back("Retry-After", absl::StrCat(std::clamp<int64_t>(
                                            seconds, 1, kMaxRetrySeconds)));
  }
  if (status.code() == CodeOf(absl::StatusCode::kUnauthenticated)) {
    headers.emplace_back("WWW-Authenticate", "Bearer realm=\"portrait\"");
  }
  return headers;
}

std::string JsonOf(const google::rpc::Status& status) {
  std::string json;
  if (google::protobuf::util::MessageToJsonString(status, &json).ok()) {
    return json;
  }
  // A detail of an unknown type.
  std::string message;
  AppendJsonText(status.message(), &message);
  return absl::StrCat("{\"code\":", status.code(), ",\"message\":", message,
                      "}");
}

Response ErrorResponse(const google::rpc::Status& status, int http_status) {
  Response response = JsonResponse(JsonOf(status));
  response.status = http_status > 0 ? http_status : HttpStatusOf(status.code());
  response.headers = HeadersOf(status);
  return response;
}

Response ErrorResponse(const absl::Status& status, int http_status) {
  return ErrorResponse(StatusOf(status), http_status);
}

Response JsonResponse(std::string json) {
  Response response;
  response.content_type = "application/json";
  response.body = std::move(json);
  response.body += '\n';
  return response;
}

Response BodyErrorResponse(const absl::Status& status) {
  if (absl::IsOutOfRange(status)) return ErrorResponse(status, 413);
  if (absl::IsDeadlineExceeded(status)) return ErrorResponse(status, 408);
  return ErrorResponse(status);
}

}  // namespace portrait::http
