// Helpers that every service's handlers share.
#ifndef PORTRAIT_SERVER_UNARY_CALL_H_
#define PORTRAIT_SERVER_UNARY_CALL_H_

#include "absl/status/status.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "server/rpc_status.h"

namespace portrait {

// A unary call whose handler fills the response and ends it, now or later on
// any thread. A value type; valid until Finish.
class UnaryCall {
 public:
  explicit UnaryCall(grpc::CallbackServerContext* context)
      : reactor_(context->DefaultReactor()) {}

  // Call it once.
  void Finish(const absl::Status& status) const {
    reactor_->Finish(ToRpcStatus(status));
  }
  // A handler must return it.
  grpc::ServerUnaryReactor* reactor() const { return reactor_; }

 private:
  grpc::ServerUnaryReactor* reactor_;
};

// Ends a unary call with an error before it has started; returns what the
// handler returns.
inline grpc::ServerUnaryReactor* RefuseUnary(
    grpc::CallbackServerContext* context, const absl::Status& why) {
  const UnaryCall call(context);
  call.Finish(why);
  return call.reactor();
}

// A stream that ends with an error before it has started. Frees itself.
template <typename Reactor>
class RefusedStream final : public Reactor {
 public:
  static Reactor* Make(const absl::Status& why) {
    return new RefusedStream(ToRpcStatus(why));
  }
  void OnDone() override { delete this; }

 private:
  explicit RefusedStream(const grpc::Status& why) { this->Finish(why); }
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_UNARY_CALL_H_
