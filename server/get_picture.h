// ProfilePictureService.GetProfilePicture: looks up one contact for a waiting
// caller.
#ifndef PORTRAIT_SERVER_GET_PICTURE_H_
#define PORTRAIT_SERVER_GET_PICTURE_H_

#include "core/access/access_control.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/backends.h"

namespace portrait {

// Returns the reactor for a call, which frees itself. If the store has the
// answer, the call is answered before this returns. `backends` is borrowed;
// `request` is a serialized GetProfilePictureRequest; `context` and `response`
// are gRPC's.
grpc::ServerUnaryReactor* StartGetPicture(const Backends& backends,
                                          grpc::CallbackServerContext* context,
                                          Principal caller,
                                          const grpc::ByteBuffer& request,
                                          grpc::ByteBuffer* response);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_GET_PICTURE_H_
