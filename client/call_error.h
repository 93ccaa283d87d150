// What a failed call says beyond its code: the service's reason, and when to
// try again (google.rpc.ErrorInfo and RetryInfo).
#ifndef PORTRAIT_CLIENT_CALL_ERROR_H_
#define PORTRAIT_CLIENT_CALL_ERROR_H_

#include <grpcpp/support/status.h>

#include "portrait/v1/profile_picture.pb.h"

namespace portrait::client {

// The error as a bulk result would carry it. The reason is UNSPECIFIED when the
// service gave none: the call did not reach it. Requires a status that is not
// OK.
v1::LookupError LookupErrorOf(const grpc::Status& status);

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_CALL_ERROR_H_
