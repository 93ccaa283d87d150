// ProfilePictureService: checks callers and requests, and starts the handlers.
#ifndef PORTRAIT_SERVER_PROFILE_PICTURE_SERVICE_H_
#define PORTRAIT_SERVER_PROFILE_PICTURE_SERVICE_H_

#include <memory>

#include "grpcpp/support/server_callback.h"
#include "portrait/v1/profile_picture.grpc.pb.h"
#include "server/backends.h"
#include "server/open_streams.h"

namespace portrait {

// All methods use the callback API; lookups get their messages as bytes.
using ProfilePictureCallbacks =
    v1::ProfilePictureService::WithRawCallbackMethod_GetProfilePicture<
        v1::ProfilePictureService::WithRawCallbackMethod_BatchGetProfilePictures<
            v1::ProfilePictureService::WithRawCallbackMethod_EnrichProfilePictures<
                v1::ProfilePictureService::WithCallbackMethod_WatchProfilePictureChanges<
                    v1::ProfilePictureService::
                        WithCallbackMethod_ListProfilePictureChanges<
                            v1::ProfilePictureService::
                                WithCallbackMethod_DownloadProfilePicture<
                                    v1::ProfilePictureService::
                                        WithCallbackMethod_FindSimilarPictures<
                                            v1::ProfilePictureService::
                                                WithCallbackMethod_ForgetContact<
                                                    v1::ProfilePictureService::
                                                        Service>>>>>>>>;

// Thread-safe; runs on gRPC's two callback threads. These make one small read
// of the store for a unary lookup; all other work that may block runs on the
// store threads.
class ProfilePictureService final : public ProfilePictureCallbacks {
 public:
  // `backends` is borrowed.
  ProfilePictureService(const Backends& backends,
                        std::shared_ptr<OpenStreams> streams)
      : backends_(backends), streams_(std::move(streams)) {}

  grpc::ServerUnaryReactor* GetProfilePicture(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* BatchGetProfilePictures(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
      grpc::ByteBuffer* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>*
  EnrichProfilePictures(grpc::CallbackServerContext* context) override;
  grpc::ServerWriteReactor<v1::WatchProfilePictureChangesResponse>*
  WatchProfilePictureChanges(
      grpc::CallbackServerContext* context,
      const v1::WatchProfilePictureChangesRequest* request) override;
  grpc::ServerUnaryReactor* ListProfilePictureChanges(
      grpc::CallbackServerContext* context,
      const v1::ListProfilePictureChangesRequest* request,
      v1::ListProfilePictureChangesResponse* response) override;
  grpc::ServerWriteReactor<v1::DownloadProfilePictureResponse>*
  DownloadProfilePicture(
      grpc::CallbackServerContext* context,
      const v1::DownloadProfilePictureRequest* request) override;
  grpc::ServerUnaryReactor* FindSimilarPictures(
      grpc::CallbackServerContext* context,
      const v1::FindSimilarPicturesRequest* request,
      v1::FindSimilarPicturesResponse* response) override;
  grpc::ServerUnaryReactor* ForgetContact(
      grpc::CallbackServerContext* context,
      const v1::ForgetContactRequest* request,
      v1::ForgetContactResponse* response) override;

 private:
  const Backends& backends_;
  const std::shared_ptr<OpenStreams> streams_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_PROFILE_PICTURE_SERVICE_H_
