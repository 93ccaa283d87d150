// ProfilePictureService.GetProfilePicture: a batch of one, that somebody waits
// for.
#ifndef PORTRAIT_SERVER_GET_PICTURE_H_
#define PORTRAIT_SERVER_GET_PICTURE_H_

#include <string>

#include "absl/time/time.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/backends.h"

namespace portrait {

// The reactor for a call of `tenant`, for gRPC to drive; it frees itself.
// `backends` is borrowed; `request` is a serialized GetProfilePictureRequest;
// `response` is gRPC's.
grpc::ServerUnaryReactor* StartGetPicture(const Backends& backends,
                                          const std::string& tenant,
                                          absl::Time deadline,
                                          const grpc::ByteBuffer& request,
                                          grpc::ByteBuffer* response);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_GET_PICTURE_H_
