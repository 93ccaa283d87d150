// Which picture each contact shows, as the store knows it.
#ifndef PORTRAIT_CORE_IMAGE_VISIBLE_PICTURE_H_
#define PORTRAIT_CORE_IMAGE_VISIBLE_PICTURE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/store/picture_store.h"
#include "portrait/store/v1/image.pb.h"

namespace portrait {

// A value type.
struct VisiblePicture {
  std::string picture_id;  // empty: none is visible

  bool any() const { return !picture_id.empty(); }
  // Whether it is the picture of the image.
  bool Shows(const store::v1::StoredImage& image) const {
    return any() && picture_id == image.picture_id();
  }
};

// One for each of `jids`, which are the keys of records. A contact that is not
// stored, has objected, is stored under another address by now, or shows its
// picture to no account, has none.
//
// Errors: those of the store; DATA_LOSS if a record is damaged.
absl::StatusOr<std::vector<VisiblePicture>> VisiblePicturesOf(
    PictureStore& store, absl::Span<const std::string> jids);

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_VISIBLE_PICTURE_H_
