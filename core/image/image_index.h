// ImageIndex says whose picture each blob is. It is kept in the store's
// database, so that it survives a crash with the contacts:
//
//   r ┬ jid ┬ 0x00 ┬ "f" or "p" ┬ picture id      → StoredImage
//   b ┬ blob, 64 digits ┬ the r key of a reference → nothing
//   d ┬ blob, 64 digits                            → nothing: to be deleted
//   l ┬ …                                          → see likeness_index.h
//   m ┬ name                                       → a value of its owner
//
// A blob has as many references as there are b keys with its name, so no count
// can go wrong. A blob without a reference is deleted: it has a d key, or, if
// the process was killed before it had one, the janitor finds it by listing the
// blobs.
#ifndef PORTRAIT_CORE_IMAGE_IMAGE_INDEX_H_
#define PORTRAIT_CORE_IMAGE_IMAGE_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/store/key_value_store.h"
#include "portrait/store/v1/image.pb.h"

namespace portrait {

using store::v1::StoredImage;

// Which picture of which contact.
struct ImageId {
  std::string jid;
  std::string picture_id;
  bool is_preview = false;
};

struct SimilarImage {
  ImageId id;
  int distance = 0;  // bits that differ
};
struct SimilarImages {
  std::vector<SimilarImage> images;
  bool is_complete = true;  // false: the limit was reached
};

// Thread-safe, but the caller must hold a blob's lease (core/image/leases.h)
// while it adds or removes a reference to it. Blocks on the store.
//
// Errors of every method: those of the store.
class ImageIndex {
 public:
  // `store` is borrowed.
  explicit ImageIndex(OrderedKeyValueStore& store) : store_(store) {}

  absl::StatusOr<std::optional<StoredImage>> Find(const ImageId& id);
  // The images whose perceptual hash differs from `phash` in at most
  // `max_distance` bits, at most `limit`, in no particular order. Previews,
  // blank pictures and silhouettes are not compared.
  //
  // Errors, in addition: those of LikenessIndex::Find.
  absl::StatusOr<SimilarImages> FindSimilar(uint64_t phash, int max_distance,
                                            size_t limit);
  // All images of one contact, at most kMaxImagesOfContact.
  absl::StatusOr<std::vector<StoredImage>> ImagesOf(absl::string_view jid);
  // Up to `limit` images after the position `after`, which is "" or `*last` of
  // the call before.
  absl::StatusOr<std::vector<StoredImage>> List(absl::string_view after,
                                                size_t limit,
                                                std::string* last);

  // Adds or replaces the reference of the image to its blob. Returns the blob
  // to which it referred before, if that is another one; remove that reference
  // under its own lease by Release.
  absl::StatusOr<std::string> Add(const StoredImage& image);
  // Replaces the facts of an image that still has this blob.
  absl::Status Update(const StoredImage& image);
  // Removes the image; returns whether the blob has no other reference, and
  // then marks it for deletion.
  absl::StatusOr<bool> Remove(const StoredImage& image);
  // Removes a reference that no image has any more, as Remove.
  absl::StatusOr<bool> Release(const ImageId& id, const std::string& blob);

  absl::StatusOr<bool> IsReferenced(const std::string& blob);
  // Up to `limit` blobs that are to be deleted.
  absl::StatusOr<std::vector<std::string>> ToDelete(size_t limit);
  absl::Status MarkForDeletion(const std::string& blob);
  absl::Status NoteDeleted(const std::string& blob);

  // A small value beside the images; empty if it was never set.
  absl::StatusOr<std::string> GetValue(absl::string_view name);
  absl::Status SetValue(absl::string_view name, absl::string_view value);

 private:
  absl::StatusOr<bool> RemoveReference(const std::string& blob,
                                       const std::string& image_key,
                                       std::vector<std::string> deletes);

  OrderedKeyValueStore& store_;
};

inline constexpr size_t kMaxImagesOfContact = 10'000;

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_IMAGE_INDEX_H_
