// ProfilePictureService.BatchGetProfilePictures: a list of contacts in one call
// and their results in its order, for callers that have no streams. A batch is
// looked up as the items of a bulk stream are, at the same pace and after unary
// calls; only its deadline is its own.
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

// A batch is answered after this time at the latest, whatever its deadline.
inline constexpr absl::Duration kMaxBatchWait = absl::Minutes(5);
// A batch is answered this long before its deadline, so that the response
// arrives in time.
inline constexpr absl::Duration kBatchAnswerLead = absl::Milliseconds(500);

// The reactor for a call, for gRPC to drive; it frees itself. `backends` is
// borrowed; `request` is a serialized BatchGetProfilePicturesRequest; `context`
// and `response` are gRPC's. The call counts among the tenant's open streams.
grpc::ServerUnaryReactor* StartBatchGetPictures(
    const Backends& backends, std::shared_ptr<OpenStreams> streams,
    grpc::CallbackServerContext* context, Principal caller,
    const grpc::ByteBuffer& request, grpc::ByteBuffer* response);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_BATCH_GET_PICTURES_H_
