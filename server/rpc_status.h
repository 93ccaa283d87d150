// The one place that turns what went wrong into what a caller sees: a gRPC code
// with google.rpc.ErrorInfo (domain "portrait", an ErrorReason's name), and
// RetryInfo or BadRequest where they help.
//
// On its way here an absl::Status carries those details as payloads; the
// functions below attach them.
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

// `status` with its reason, for those that ToRpcStatus would not guess from the
// code. OK stays OK.
absl::Status WithReason(absl::Status status, v1::ErrorReason reason);

// What calls and streams end with while the server drains. Safe to retry.
absl::Status ShuttingDownStatus();

// What a stream ends with on which nothing has moved. Safe to retry.
absl::Status IdleStatus(absl::Duration timeout);

// A lookup's error as the status of a call that looked up nothing else.
absl::Status ToStatus(const v1::LookupError& error);

grpc::Status ToRpcStatus(const absl::Status& status);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_RPC_STATUS_H_
