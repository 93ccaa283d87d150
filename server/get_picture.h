// ProfilePictureService.GetProfilePicture: a batch of one, that somebody waits
// for.
#ifndef PORTRAIT_SERVER_GET_PICTURE_H_
#define PORTRAIT_SERVER_GET_PICTURE_H_

#include "absl/time/time.h"
#include "core/access/access_control.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/backends.h"

namespace portrait {

// The reactor for a call, for gRPC to drive; it frees itself.
// `backends` is borrowed; `request` is a serialized GetProfilePictureRequest;
// `response` is gRPC's.
grpc::ServerUnaryReactor* StartGetPicture(const Backends& backends,
                                          Principal caller, absl::Time deadline,
                                          const grpc::ByteBuffer& request,
                                          grpc::ByteBuffer* response);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_GET_PICTURE_H_
