// Turns statuses into HTTP responses. The body of an error is a
// google.rpc.Status in JSON, with the details that gRPC callers get.
#ifndef PORTRAIT_SERVER_HTTP_HTTP_ERRORS_H_
#define PORTRAIT_SERVER_HTTP_HTTP_ERRORS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"
#include "server/http/http_message.h"

namespace portrait::http {

// With the details that gRPC carries in its trailer.
google::rpc::Status StatusOf(const grpc::Status& status);
google::rpc::Status StatusOf(const absl::Status& status);

// The HTTP status of a google.rpc.Code, as google/rpc/code.proto maps it.
int HttpStatusOf(int code);

// How long RetryInfo asks to wait, if it does.
std::optional<absl::Duration> RetryDelayOf(const google::rpc::Status& status);

// "Retry-After" in whole seconds, rounded up, for an error that has RetryInfo
// or is a lack of capacity; "WWW-Authenticate" for UNAUTHENTICATED.
Fields HeadersOf(const google::rpc::Status& status);

// The status in JSON: {"code":…,"message":…,"details":[…]}.
std::string JsonOf(const google::rpc::Status& status);

// `http_status` 0: the code's.
Response ErrorResponse(const google::rpc::Status& status, int http_status = 0);
Response ErrorResponse(const absl::Status& status, int http_status = 0);
// 200 with this JSON and a line feed.
Response JsonResponse(std::string json);
// For an error of ReadWholeBody: 413 or 408, where HTTP has a status of its
// own.
Response BodyErrorResponse(const absl::Status& status);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_HTTP_ERRORS_H_
