// CallGate is the gate before every method of Portrait's services: it reads the
// caller's token and checks the right that the method needs, before the
// method's handler runs. Health and reflection are open on purpose: load
// balancers and tools call them without a token, and they tell nothing about
// contacts or accounts.
#ifndef PORTRAIT_SERVER_CALL_GATE_H_
#define PORTRAIT_SERVER_CALL_GATE_H_

#include <map>
#include <memory>

#include "absl/status/statusor.h"
#include "core/access/access_control.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_interceptor.h"
#include "grpcpp/support/string_ref.h"

namespace portrait {

// The last of a grpc::ServerBuilder's interceptors: gRPC runs these in reverse
// on what it receives, so that the others know the caller. `access` is
// borrowed.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
NewCallGates(const AccessControl& access);

using CallMetadata = std::multimap<grpc::string_ref, grpc::string_ref>;

struct CallVerdict {
  Principal caller;     // empty if the token is not valid
  absl::Status status;  // whether the caller may make the call
};

// Of a call's metadata, as it is behind the gate. Good until the call has
// ended.
const CallVerdict& VerdictOf(const CallMetadata& metadata);

// Who makes a call that its handler is about to serve.
//
// Errors: UNAUTHENTICATED (no token, several, an unknown or expired one),
// PERMISSION_DENIED (the token lacks the method's right, or the method is not
// in the table of rights).
absl::StatusOr<Principal> CallerOf(const grpc::CallbackServerContext& context);

// PERMISSION_DENIED if `caller` lacks `right`: for what a method's request asks
// for beyond the method's own right.
absl::Status CheckRight(const Principal& caller, v1::Right right);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CALL_GATE_H_
