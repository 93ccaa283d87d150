// Lists or erases the history of one contact. Blocks on the store, so never
// call it on gRPC's threads.
#ifndef PORTRAIT_SERVER_CONTACT_HISTORY_H_
#define PORTRAIT_SERVER_CONTACT_HISTORY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/store/picture_store.h"
#include "core/whatsapp/jid.h"
#include "portrait/v1/profile_picture.pb.h"
#include "server/tenant_view.h"

namespace portrait {

inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 1000;

// The changes that `view` shows.
//
// Errors: INVALID_ARGUMENT naming the field; those of the store.
absl::Status ListChanges(PictureStore& store, const TenantView& view,
                         const v1::ListProfilePictureChangesRequest& request,
                         v1::ListProfilePictureChangesResponse* response);

struct ShownPicture {
  std::string key;  // of the record
  std::string picture_id;
};

// Finds a picture of a contact that the caller may have without a lookup: the
// current picture, or an older one whose id is in a change that `view` shows.
// If `picture_id` is empty, the current picture.
//
// Errors: NOT_FOUND (NO_IMAGE) otherwise, also if the contact hides its picture
// by now; INVALID_ARGUMENT, those of the store.
absl::StatusOr<ShownPicture> FindShownPicture(PictureStore& store,
                                              const TenantView& view,
                                              absl::string_view contact,
                                              absl::string_view picture_id);
// The addresses by which accounts may know the contact: the requested one, the
// stored one, and the LID.
absl::StatusOr<std::vector<whatsapp::Jid>> FindAddresses(
    PictureStore& store, absl::string_view contact);
// Records an objection, erases the contact for all tenants, or removes the tie
// of the caller's tenant, as `view` may. Returns whether the contact was erased
// for all tenants.
absl::StatusOr<bool> Forget(PictureStore& store, const TenantView& view,
                            const v1::ForgetContactRequest& request,
                            v1::ForgetContactResponse* response);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CONTACT_HISTORY_H_
