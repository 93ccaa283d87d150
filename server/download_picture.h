// ProfilePictureService.DownloadProfilePicture: sends the image of a picture.
#ifndef PORTRAIT_SERVER_DOWNLOAD_PICTURE_H_
#define PORTRAIT_SERVER_DOWNLOAD_PICTURE_H_

#include <memory>

#include "core/access/access_control.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "portrait/v1/profile_picture.pb.h"
#include "server/backends.h"
#include "server/open_streams.h"

namespace portrait {

using DownloadReactor =
    grpc::ServerWriteReactor<v1::DownloadProfilePictureResponse>;

// Returns the reactor for a call, which frees itself. `backends` is borrowed
// and has images.
DownloadReactor* StartDownloadPicture(
    const Backends& backends, std::shared_ptr<OpenStreams> streams,
    grpc::CallbackServerContext* context, Principal caller,
    const v1::DownloadProfilePictureRequest& request);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_DOWNLOAD_PICTURE_H_
