#include "server/store_call.h"

#include <utility>

#include "server/call_gate.h"
#include "server/call_lanes.h"
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
  const Principal who = *std::move(caller);
  const absl::Status posted = backends.lanes->Post(
      who, [call, who, work = std::move(work)] { call.Finish(work(who)); });
  if (!posted.ok()) call.Finish(posted);
  return call.reactor();
}

}  // namespace portrait
