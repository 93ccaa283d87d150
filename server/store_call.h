// Unary calls that are answered on threads that may block on the store.
#ifndef PORTRAIT_SERVER_STORE_CALL_H_
#define PORTRAIT_SERVER_STORE_CALL_H_

#include <functional>

#include "absl/status/status.h"
#include "core/access/access_control.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "server/backends.h"

namespace portrait {

// A handler returns its result. If the gate has admitted the call, `work` fills
// the response on a store thread, where it may block; the call ends with the
// status that `work` returns.
grpc::ServerUnaryReactor* AnswerOnStoreThread(
    const Backends& backends, grpc::CallbackServerContext* context,
    std::function<absl::Status(const Principal& caller)> work);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_STORE_CALL_H_
