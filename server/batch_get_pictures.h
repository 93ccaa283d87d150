// ProfilePictureService.BatchGetProfilePictures: a list of contacts in one call
// and their results in its order, for callers without gRPC streams. The items
// of a batch are looked up like those of a bulk stream, at the same rate and
// after unary calls, but with the call's deadline.
#ifndef PORTRAIT_SERVER_BATCH_GET_PICTURES_H_
#define PORTRAIT_SERVER_BATCH_GET_PICTURES_H_

#include <memory>

#include "absl/time/time.h"
#include "core/access/access_control.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/backends.h"
#include "server/open_streams.h"

namespace portrait {

// The longest time before a batch is answered, whatever its deadline.
inline constexpr absl::Duration kMaxBatchWait = absl::Minutes(5);
// A batch is answered this long before its deadline, so that the response
// arrives in time.
inline constexpr absl::Duration kBatchAnswerLead = absl::Milliseconds(500);

// Returns the reactor for a call, which frees itself. `backends` is borrowed;
// `request` is a serialized BatchGetProfilePicturesRequest; `context` and
// `response` are gRPC's. The call counts among the tenant's open streams.
grpc::ServerUnaryReactor* StartBatchGetPictures(
    const Backends& backends, std::shared_ptr<OpenStreams> streams,
    grpc::CallbackServerContext* context, Principal caller,
    const grpc::ByteBuffer& request, grpc::ByteBuffer* response);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_BATCH_GET_PICTURES_H_
