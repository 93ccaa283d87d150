// ProfilePictureService.EnrichProfilePictures: a gRPC stream of batches in and
// a gRPC stream of results out, with memory bounded by a window whatever the
// client does.
#ifndef PORTRAIT_SERVER_ENRICH_STREAM_H_
#define PORTRAIT_SERVER_ENRICH_STREAM_H_

#include <cstddef>
#include <memory>

#include "core/access/access_control.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/backends.h"
#include "server/message_pipe.h"
#include "server/open_streams.h"

namespace portrait {

inline constexpr int kMaxItemsPerMessage = 1000;
// The maximum number of received items of a stream whose results were not sent.
// A read starts below this limit only, so the stream may hold one message more.
inline constexpr size_t kEnrichWindowItems = 4000;

// The reactor handles serialized messages: results are already serialized.
using EnrichReactor =
    grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

// Returns the stream of a call. It holds itself from Start to OnDone.
// `backends` is borrowed, and `pipe` until the call is finished.
std::shared_ptr<PipeReactor> MakeEnrichStream(
    const Backends& backends, std::shared_ptr<OpenStreams> streams,
    MessagePipe* pipe, Principal caller);

// Returns the reactor for a call by gRPC, which frees itself.
EnrichReactor* StartEnrichStream(const Backends& backends,
                                 std::shared_ptr<OpenStreams> streams,
                                 grpc::CallbackServerContext* context,
                                 Principal caller);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_ENRICH_STREAM_H_
