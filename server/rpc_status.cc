#include "server/rpc_status.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "core/base/proto_time.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace portrait {
namespace {

constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kRetryInfoUrl[] = "type.googleapis.com/google.rpc.RetryInfo";
constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";

template <typename Detail>
void Attach(absl::string_view type_url, const Detail& detail,
            absl::Status* status) {
  status->SetPayload(type_url, absl::Cord(detail.SerializeAsString()));
}

// The reason for a status that has none.
v1::ErrorReason ReasonOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnauthenticated:
      return v1::ERROR_REASON_UNAUTHENTICATED;
    case absl::StatusCode::kPermissionDenied:
      return v1::ERROR_REASON_PERMISSION_DENIED;
    case absl::StatusCode::kResourceExhausted:
      return v1::ERROR_REASON_RATE_LIMITED;
    // Only statuses of the store arrive with these codes and without a reason.
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDataLoss:
      return v1::ERROR_REASON_STORAGE;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
      return v1::ERROR_REASON_INTERNAL;
    default:
      return v1::ERROR_REASON_UNSPECIFIED;  // the code is enough
  }
}

absl::StatusCode CodeOf(const v1::LookupError& error) {
  switch (error.reason()) {
    case v1::ERROR_REASON_INVALID_CONTACT:
    case v1::ERROR_REASON_OWN_NUMBER:
      return absl::StatusCode::kInvalidArgument;
    case v1::ERROR_REASON_SUPPRESSED:
    case v1::ERROR_REASON_PERMISSION_DENIED:
      return absl::StatusCode::kPermissionDenied;
    case v1::ERROR_REASON_QUOTA_EXCEEDED:
    case v1::ERROR_REASON_RATE_LIMITED:
    case v1::ERROR_REASON_ENUMERATION:
      return absl::StatusCode::kResourceExhausted;
    case v1::ERROR_REASON_NO_SESSION:
      // Without a retry time, an operator must link an account first.
      return error.has_retry_after() ? absl::StatusCode::kUnavailable
                                     : absl::StatusCode::kFailedPrecondition;
    case v1::ERROR_REASON_UPSTREAM_TIMEOUT:
      return absl::StatusCode::kDeadlineExceeded;
    case v1::ERROR_REASON_UPSTREAM_ERROR:
      // UNAVAILABLE asks callers to retry, so use it only if a retry can
      // succeed.
      return error.has_retry_after() ? absl::StatusCode::kUnavailable
                                     : absl::StatusCode::kUnknown;
    case v1::ERROR_REASON_STORAGE:
      // A full disk may be given space, but a damaged record stays damaged.
      return error.has_retry_after() ? absl::StatusCode::kUnavailable
                                     : absl::StatusCode::kDataLoss;
    case v1::ERROR_REASON_SHUTTING_DOWN:
      return absl::StatusCode::kUnavailable;
    case v1::ERROR_REASON_UNAUTHENTICATED:
      return absl::StatusCode::kUnauthenticated;
    case v1::ERROR_REASON_NO_IMAGE:
      return absl::StatusCode::kNotFound;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

absl::Status WithReason(absl::Status status, v1::ErrorReason reason) {
  if (status.ok()) return status;
  google::rpc::ErrorInfo info;
  info.set_reason(v1::ErrorReason_Name(reason));
  info.set_domain(kErrorDomain);
  Attach(kErrorInfoUrl, info, &status);
  return status;
}

absl::Status InvalidField(absl::string_view field, absl::string_view problem,
                          v1::ErrorReason reason) {
  absl::Status status =
      absl::InvalidArgumentError(absl::StrCat(field, ": ", problem));
  google::rpc::BadRequest details;
  auto* violation = details.add_field_violations();
  violation->set_field(std::string(field));
  violation->set_description(std::string(problem));
  Attach(kBadRequestUrl, details, &status);
  return WithReason(std::move(status), reason);
}

absl::Status ShuttingDownStatus() {
  return WithReason(
      absl::UnavailableError("server is shutting down; reconnect"),
      v1::ERROR_REASON_SHUTTING_DOWN);
}

absl::Status AnotherNodeStatus() {
  return WithReason(
      absl::UnavailableError("another node is active now; reconnect"),
      v1::ERROR_REASON_SHUTTING_DOWN);
}

absl::Status IdleStatus(absl::Duration timeout) {
  return WithReason(
      absl::UnavailableError(absl::StrCat(
          "no message in either direction for ", absl::FormatDuration(timeout),
          "; open a new stream for further items")),
      v1::ERROR_REASON_UNSPECIFIED);
}

absl::Status ToStatus(const v1::LookupError& error) {
  if (error.reason() == v1::ERROR_REASON_INVALID_CONTACT) {
    return InvalidField("contact", error.message(), error.reason());
  }
  absl::Status status(CodeOf(error), error.message());
  if (error.has_retry_after()) {
    google::rpc::RetryInfo retry;
    *retry.mutable_retry_delay() = error.retry_after();
    Attach(kRetryInfoUrl, retry, &status);
  }
  return WithReason(std::move(status), error.reason());
}

grpc::Status ToRpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  static_assert(static_cast<int>(absl::StatusCode::kUnauthenticated) ==
                static_cast<int>(grpc::StatusCode::UNAUTHENTICATED));
  static_assert(static_cast<int>(absl::StatusCode::kCancelled) ==
                static_cast<int>(grpc::StatusCode::CANCELLED));
  const absl::Status complete =
      status.GetPayload(kErrorInfoUrl).has_value()
          ? status
          : WithReason(status, ReasonOf(status.code()));
  google::rpc::Status details;
  details.set_code(static_cast<int>(complete.code()));
  details.set_message(std::string(complete.message()));
  complete.ForEachPayload(
      [&details](absl::string_view type_url, const absl::Cord& payload) {
        auto* detail = details.add_details();
        detail->set_type_url(std::string(type_url));
        detail->set_value(std::string(payload));
      });
  return grpc::Status(static_cast<grpc::StatusCode>(complete.code()),
                      std::string(complete.message()),
                      details.SerializeAsString());
}

}  // namespace portrait
