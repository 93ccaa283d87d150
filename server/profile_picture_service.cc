#include "server/profile_picture_service.h"

#include <utility>

#include "core/base/status_macros.h"
#include "core/contact/contact.h"
#include "server/batch_get_pictures.h"
#include "server/call_gate.h"
#include "server/contact_history.h"
#include "server/download_picture.h"
#include "server/enrich_stream.h"
#include "server/get_picture.h"
#include "server/rpc_status.h"
#include "server/similar_pictures.h"
#include "server/store_call.h"
#include "server/unary_call.h"
#include "server/watch_stream.h"

namespace portrait {

grpc::ServerUnaryReactor* ProfilePictureService::GetProfilePicture(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  absl::StatusOr<Principal> caller = CallerOf(*context);
  if (!caller.ok()) return RefuseUnary(context, caller.status());
  return StartGetPicture(backends_, context, *std::move(caller), *request,
                         response);
}

grpc::ServerUnaryReactor* ProfilePictureService::BatchGetProfilePictures(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  absl::StatusOr<Principal> caller = CallerOf(*context);
  if (!caller.ok()) return RefuseUnary(context, caller.status());
  return StartBatchGetPictures(backends_, streams_, context, *std::move(caller),
                               *request, response);
}

EnrichReactor* ProfilePictureService::EnrichProfilePictures(
    grpc::CallbackServerContext* context) {
  absl::StatusOr<Principal> caller = CallerOf(*context);
  if (!caller.ok()) {
    return RefusedStream<EnrichReactor>::Make(caller.status());
  }
  return StartEnrichStream(backends_, streams_, context, *std::move(caller));
}

WatchReactor* ProfilePictureService::WatchProfilePictureChanges(
    grpc::CallbackServerContext* context,
    const v1::WatchProfilePictureChangesRequest* request) {
  absl::StatusOr<Principal> caller = CallerOf(*context);
  if (!caller.ok()) {
    return RefusedStream<WatchReactor>::Make(caller.status());
  }
  return StartWatchStream(backends_, streams_, context, *std::move(caller),
                          *request);
}

grpc::ServerUnaryReactor* ProfilePictureService::ListProfilePictureChanges(
    grpc::CallbackServerContext* context,
    const v1::ListProfilePictureChangesRequest* request,
    v1::ListProfilePictureChangesResponse* response) {
  return AnswerOnStoreThread(
      backends_, context,
      [this, request, response](const Principal& caller) -> absl::Status {
        RETURN_IF_ERROR(ListChanges(
            backends_.store, TenantView::Of(caller, backends_.isolates_tenants),
            *request, response));
        if (backends_.images == nullptr ||
            !caller.rights.Has(v1::RIGHT_IMAGES)) {
          return absl::OkStatus();
        }
        for (v1::ProfilePictureChange& change : *response->mutable_changes()) {
          RETURN_IF_ERROR(backends_.images->AddTo(&change));
        }
        return absl::OkStatus();
      });
}

grpc::ServerWriteReactor<v1::DownloadProfilePictureResponse>*
ProfilePictureService::DownloadProfilePicture(
    grpc::CallbackServerContext* context,
    const v1::DownloadProfilePictureRequest* request) {
  absl::StatusOr<Principal> caller = CallerOf(*context);
  absl::Status status = caller.status();
  if (status.ok() && backends_.images == nullptr) {
    status = absl::UnimplementedError(
        "this server keeps no images (--images): fetch the url of "
        "GetProfilePicture before its url_expire_time");
  }
  if (!status.ok()) return RefusedStream<DownloadReactor>::Make(status);
  return StartDownloadPicture(backends_, streams_, context, *std::move(caller),
                              *request);
}

grpc::ServerUnaryReactor* ProfilePictureService::FindSimilarPictures(
    grpc::CallbackServerContext* context,
    const v1::FindSimilarPicturesRequest* request,
    v1::FindSimilarPicturesResponse* response) {
  return StartFindSimilarPictures(backends_, context, request, response);
}

grpc::ServerUnaryReactor* ProfilePictureService::ForgetContact(
    grpc::CallbackServerContext* context,
    const v1::ForgetContactRequest* request,
    v1::ForgetContactResponse* response) {
  return AnswerOnStoreThread(
      backends_, context,
      [this, request, response](const Principal& caller) -> absl::Status {
        if (request->suppress()) {
          RETURN_IF_ERROR(CheckRight(caller, v1::RIGHT_OBJECT));
        }
        const auto account = backends_.tenants.AccountOf(caller.tenant);
        if (!account->TakeTurn()) return ToStatus(account->RateError());
        ASSIGN_OR_RETURN(const std::vector<whatsapp::Jid> addresses,
                         FindAddresses(backends_.store, request->contact()));
        ASSIGN_OR_RETURN(
            const bool is_gone,
            Forget(backends_.store,
                   TenantView::Of(caller, backends_.isolates_tenants), *request,
                   response));
        if (!is_gone) return absl::OkStatus();
        backends_.sessions.Forget(addresses);
        return backends_.images == nullptr
                   ? absl::OkStatus()
                   : backends_.images->Forget(addresses);
      });
}

}  // namespace portrait
