// The objections of contacts, as an admin lists and removes them. Blocks on the
// store; never called on gRPC's threads.
#ifndef PORTRAIT_SERVER_CONTACT_OBJECTIONS_H_
#define PORTRAIT_SERVER_CONTACT_OBJECTIONS_H_

#include "absl/status/status.h"
#include "core/store/picture_store.h"
#include "portrait/v1/admin.pb.h"

namespace portrait {

// Errors: INVALID_ARGUMENT naming the field; those of the store.
absl::Status ListObjections(PictureStore& store,
                            const v1::ListObjectionsRequest& request,
                            v1::ListObjectionsResponse* response);

// Errors: INVALID_ARGUMENT naming the field, NOT_FOUND; those of the store.
absl::Status RemoveObjection(PictureStore& store,
                             const v1::RemoveObjectionRequest& request,
                             v1::RemoveObjectionResponse* response);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CONTACT_OBJECTIONS_H_
