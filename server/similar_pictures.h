// ProfilePictureService.FindSimilarPictures, and how many contacts share the
// picture of a result.
#ifndef PORTRAIT_SERVER_SIMILAR_PICTURES_H_
#define PORTRAIT_SERVER_SIMILAR_PICTURES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/access/access_control.h"
#include "core/image/image_index.h"
#include "core/store/picture_store.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "portrait/v1/profile_picture.pb.h"
#include "server/backends.h"
#include "server/tenant_view.h"

namespace portrait {

inline constexpr int kMaxSimilarDistance = 8;  // bits
inline constexpr int kSharedDistance = 4;      // bits, of shared_by
// Pictures that a search compares with the store; also the limit of its count.
inline constexpr size_t kMaxSimilarPictures = 10'000;

struct SimilarSearch {
  uint64_t phash = 0;
  int max_distance = 0;
  std::string own_jid;  // is not counted; empty: none
};

struct SimilarContact {
  ImageId id;
  std::string phone_number;
  int distance = 0;
};

struct SimilarContacts {
  // Those that the caller may see; the most similar first, then by JID.
  std::vector<SimilarContact> shown;
  size_t count = 0;  // of all of them
  bool is_minimum = false;
};

// Contacts whose current, visible picture is similar. Blocks.
//
// Errors: those of the store and of LikenessIndex::Find.
absl::StatusOr<SimilarContacts> FindSimilarContacts(
    ImageIndex& index, PictureStore& store, const TenantView& view,
    const SimilarSearch& search);

// The number of other contacts that share the image's picture; unset for a
// picture that is not compared, and if the store fails. Blocks.
void CountSharing(ImageIndex& index, PictureStore& store,
                  const TenantView& view, const StoredImage& image,
                  v1::ProfilePicture* picture);

// Returns the reactor for a call. `backends` is borrowed.
grpc::ServerUnaryReactor* StartFindSimilarPictures(
    const Backends& backends, grpc::CallbackServerContext* context,
    const v1::FindSimilarPicturesRequest* request,
    v1::FindSimilarPicturesResponse* response);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_SIMILAR_PICTURES_H_
