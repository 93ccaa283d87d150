// Reads the details of a failed call: the service's reason and the delay before
// a retry (google.rpc.ErrorInfo and RetryInfo).
#ifndef PORTRAIT_CLIENT_CALL_ERROR_H_
#define PORTRAIT_CLIENT_CALL_ERROR_H_

#include <grpcpp/support/status.h>

#include "portrait/v1/profile_picture.pb.h"

namespace portrait::client {

// Returns the error in the form that a bulk result has. The reason is
// UNSPECIFIED if the service sent no reason, for example because the call did
// not reach it. Requires a status that is not OK.
v1::LookupError LookupErrorOf(const grpc::Status& status);

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_CALL_ERROR_H_
