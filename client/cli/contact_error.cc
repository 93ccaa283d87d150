#include "client/cli/contact_error.h"

namespace portrait::cli {

bool IsAboutContact(const grpc::Status& status, const v1::LookupError& error) {
  return status.error_code() == grpc::StatusCode::INVALID_ARGUMENT ||
         (error.reason() != v1::ERROR_REASON_UNSPECIFIED &&
          error.reason() != v1::ERROR_REASON_UNAUTHENTICATED &&
          error.reason() != v1::ERROR_REASON_PERMISSION_DENIED &&
          error.reason() != v1::ERROR_REASON_SHUTTING_DOWN &&
          status.error_code() != grpc::StatusCode::FAILED_PRECONDITION);
}

ExitCode ExitCodeOfError(const v1::LookupError& error) {
  switch (error.reason()) {
    case v1::ERROR_REASON_INVALID_CONTACT:
    case v1::ERROR_REASON_OWN_NUMBER:
      return ExitCode::kUsage;
    case v1::ERROR_REASON_SUPPRESSED:
    case v1::ERROR_REASON_PERMISSION_DENIED:
      return ExitCode::kRefused;
    case v1::ERROR_REASON_NO_SESSION:
      return error.has_retry_after() ? ExitCode::kSomeFailed
                                     : ExitCode::kRefused;
    default:
      return ExitCode::kSomeFailed;
  }
}

}  // namespace portrait::cli
