// Converts all errors to statuses for callers: a gRPC code with
// google.rpc.ErrorInfo (domain "portrait", an ErrorReason's name), and
// RetryInfo or BadRequest if they apply. No other file makes such statuses.
//
// Before the conversion, an absl::Status carries these details as payloads,
// which the functions below attach.
#ifndef PORTRAIT_SERVER_RPC_STATUS_H_
#define PORTRAIT_SERVER_RPC_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

inline constexpr char kErrorDomain[] = "portrait";

// INVALID_ARGUMENT "FIELD: PROBLEM". `field` is the path within the request:
// "options.max_age", "items[3].contact".
absl::Status InvalidField(
    absl::string_view field, absl::string_view problem,
    v1::ErrorReason reason = v1::ERROR_REASON_UNSPECIFIED);

// Adds `reason` to `status`, if ToRpcStatus would not derive it from the code.
// OK stays OK.
absl::Status WithReason(absl::Status status, v1::ErrorReason reason);

// The status with which calls and streams end while the server drains. Callers
// may retry.
absl::Status ShuttingDownStatus();

// The same, if another node of the cluster serves from now on.
absl::Status AnotherNodeStatus();

// The status with which an idle stream ends. Callers may retry.
absl::Status IdleStatus(absl::Duration timeout);

// The status of a call for one contact whose lookup has failed.
absl::Status ToStatus(const v1::LookupError& error);

grpc::Status ToRpcStatus(const absl::Status& status);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_RPC_STATUS_H_
