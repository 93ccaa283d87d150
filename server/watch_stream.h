// ProfilePictureService.WatchProfilePictureChanges: streams the change log from
// any point, at the watcher's own speed.
#ifndef PORTRAIT_SERVER_WATCH_STREAM_H_
#define PORTRAIT_SERVER_WATCH_STREAM_H_

#include <cstddef>
#include <memory>

#include "core/access/access_control.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "portrait/v1/profile_picture.pb.h"
#include "server/backends.h"
#include "server/open_streams.h"

namespace portrait {

inline constexpr size_t kMaxChangesPerMessage = 500;
inline constexpr int kMaxWatchedContacts = 1000;

using WatchReactor =
    grpc::ServerWriteReactor<v1::WatchProfilePictureChangesResponse>;

// Returns the reactor for a call, which frees itself. `backends` is borrowed.
WatchReactor* StartWatchStream(
    const Backends& backends, std::shared_ptr<OpenStreams> streams,
    grpc::CallbackServerContext* context, Principal caller,
    const v1::WatchProfilePictureChangesRequest& request);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_WATCH_STREAM_H_
