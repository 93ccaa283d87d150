// Unary calls that are answered where the store may be waited for.
#ifndef PORTRAIT_SERVER_STORE_CALL_H_
#define PORTRAIT_SERVER_STORE_CALL_H_

#include <functional>

#include "absl/status/status.h"
#include "core/access/access_control.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "server/backends.h"

namespace portrait {

// What a handler returns. Checks the caller's token, has `work` fill the
// response on a store thread, which may block, and ends the call with what it
// returns.
grpc::ServerUnaryReactor* AnswerOnStoreThread(
    const Backends& backends, grpc::CallbackServerContext* context,
    v1::Role needed, std::function<absl::Status(const Principal& caller)> work);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_STORE_CALL_H_
