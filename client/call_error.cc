#include "client/call_error.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace portrait::client {
namespace {

constexpr char kErrorDomain[] = "portrait";

}  // namespace

v1::LookupError LookupErrorOf(const grpc::Status& status) {
  v1::LookupError error;
  error.set_message(status.error_message());
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return error;
  for (const google::protobuf::Any& detail : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&info) && info.domain() == kErrorDomain) {
      v1::ErrorReason reason = v1::ERROR_REASON_UNSPECIFIED;
      // A newer server may send a reason that this client does not know; the
      // error's reason then stays UNSPECIFIED.
      v1::ErrorReason_Parse(info.reason(), &reason);
      error.set_reason(reason);
    } else if (detail.UnpackTo(&retry)) {
      *error.mutable_retry_after() = retry.retry_delay();
    }
  }
  return error;
}

}  // namespace portrait::client
