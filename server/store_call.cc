#include "server/store_call.h"

#include <utility>

#include "server/call_gate.h"
#include "server/unary_call.h"

namespace portrait {

grpc::ServerUnaryReactor* AnswerOnStoreThread(
    const Backends& backends, grpc::CallbackServerContext* context,
    std::function<absl::Status(const Principal& caller)> work) {
  const UnaryCall call(context);
  absl::StatusOr<Principal> caller = CallerOf(*context);
  if (!caller.ok()) {
    call.Finish(caller.status());
    return call.reactor();
  }
  // In turn with the lookups of tenants.
  backends.store_threads.Post(
      /*tenant=*/"", [call, caller = *std::move(caller),
                      work = std::move(work)] { call.Finish(work(caller)); });
  return call.reactor();
}

}  // namespace portrait
