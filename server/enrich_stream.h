// ProfilePictureService.EnrichProfilePictures: a stream of batches in, a stream
// of results out, with memory bounded by a window whatever the client does.
#ifndef PORTRAIT_SERVER_ENRICH_STREAM_H_
#define PORTRAIT_SERVER_ENRICH_STREAM_H_

#include <cstddef>
#include <memory>

#include "core/access/access_control.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/backends.h"
#include "server/open_streams.h"

namespace portrait {

inline constexpr int kMaxItemsPerMessage = 1000;
// Items of a stream that were read and whose results have not left yet. The
// next message is read only below it, so that up to a message more may be held.
inline constexpr size_t kEnrichWindowItems = 4000;

// Of serialized messages: results come in the form in which they leave.
using EnrichReactor =
    grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

// The reactor for a call, for gRPC to drive; it frees itself. `backends` is
// borrowed.
EnrichReactor* StartEnrichStream(const Backends& backends,
                                 std::shared_ptr<OpenStreams> streams,
                                 grpc::CallbackServerContext* context,
                                 Principal caller);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_ENRICH_STREAM_H_
