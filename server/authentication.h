// Who makes a call. Every RPC of Portrait's own services starts here.
//
// Health and reflection are open on purpose: load balancers and tools ask them
// without a token, and they tell nothing about contacts or accounts.
#ifndef PORTRAIT_SERVER_AUTHENTICATION_H_
#define PORTRAIT_SERVER_AUTHENTICATION_H_

#include "absl/status/statusor.h"
#include "core/access/access_control.h"
#include "grpcpp/server_context.h"

namespace portrait {

// Reads the call's "authorization: Bearer TOKEN" metadata.
//
// Errors: UNAUTHENTICATED (none, several, not a token of ours),
// PERMISSION_DENIED (its role is not enough).
absl::StatusOr<Principal> AuthenticateCall(
    const AccessControl& access, const grpc::CallbackServerContext& context,
    v1::Role needed);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_AUTHENTICATION_H_
