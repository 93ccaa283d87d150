// CallGate authorizes every call of Portrait's services: it reads the caller's
// token and checks the right that the method needs, before the method's handler
// runs. Health and reflection are open on purpose: load balancers and tools
// call them without a token, and they disclose nothing about contacts or
// accounts.
#ifndef PORTRAIT_SERVER_CALL_GATE_H_
#define PORTRAIT_SERVER_CALL_GATE_H_

#include <map>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/access/access_control.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_interceptor.h"
#include "grpcpp/support/string_ref.h"

namespace portrait {

// Add it to a grpc::ServerBuilder as the last interceptor: for received data,
// gRPC runs interceptors in reverse, so the others then know the caller.
// `access` is borrowed.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
NewCallGates(const AccessControl& access);

using CallMetadata = std::multimap<grpc::string_ref, grpc::string_ref>;

struct CallVerdict {
  Principal caller;     // empty if the token is not valid
  absl::Status status;  // OK if the caller may make the call
};

// Judges a call of `method`, such as "SessionService/ListSessions", whatever
// its protocol. `authorizations` are the values of all its "authorization"
// headers.
CallVerdict JudgeCall(const AccessControl& access, absl::string_view method,
                      absl::Span<const absl::string_view> authorizations);

// The verdict for a call that has passed the gate, by its metadata. Valid until
// the call has ended.
const CallVerdict& VerdictOf(const CallMetadata& metadata);

// Returns the caller of a call that its handler is about to serve.
//
// Errors: UNAUTHENTICATED (no token, several, an unknown or expired one),
// PERMISSION_DENIED (the token lacks the method's right, or the method is not
// in the table of rights).
absl::StatusOr<Principal> CallerOf(const grpc::CallbackServerContext& context);

// PERMISSION_DENIED if `caller` lacks `right`: for parts of a request that need
// more than the method's own right.
absl::Status CheckRight(const Principal& caller, v1::Right right);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CALL_GATE_H_
