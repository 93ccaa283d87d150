// SessionService.PairSession: streams the codes of a pairing and its result.
#ifndef PORTRAIT_SERVER_PAIR_STREAM_H_
#define PORTRAIT_SERVER_PAIR_STREAM_H_

#include <memory>

#include "core/access/access_control.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "portrait/v1/session.pb.h"
#include "server/backends.h"
#include "server/open_streams.h"

namespace portrait {

using PairReactor = grpc::ServerWriteReactor<v1::PairSessionResponse>;

// Returns the reactor for a call, which frees itself. `backends` is borrowed.
PairReactor* StartPairStream(const Backends& backends,
                             std::shared_ptr<OpenStreams> streams,
                             grpc::CallbackServerContext* context,
                             Principal caller,
                             const v1::PairSessionRequest& request);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_PAIR_STREAM_H_
