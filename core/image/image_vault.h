// ImageVault stores images and the references to them together: identical
// images once, sealed if there is a key, and none without a reference.
#ifndef PORTRAIT_CORE_IMAGE_IMAGE_VAULT_H_
#define PORTRAIT_CORE_IMAGE_IMAGE_VAULT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/image/blob_store.h"
#include "core/image/image_index.h"
#include "core/image/image_key.h"
#include "core/image/leases.h"

namespace portrait {

// Hears of each image that is kept or deleted, and of the storage. Thread-safe;
// must not block for long.
class ImageListener {
 public:
  virtual ~ImageListener() = default;
  virtual void OnKept(const StoredImage& image) = 0;
  virtual void OnRemoved(const StoredImage& image) = 0;
  // The folder or the bucket works no longer, or works again.
  virtual void OnStorage(bool works) = 0;
};

// Thread-safe. All methods block on the store and on the blobs.
class ImageVault {
 public:
  // Opens the images of `store`, which is borrowed, in `blobs`.
  //
  // Errors: FAILED_PRECONDITION if the blobs belong to another store, or are
  // sealed under another key; those of the store and of the blobs.
  static absl::StatusOr<std::unique_ptr<ImageVault>> Open(
      OrderedKeyValueStore& store, std::unique_ptr<BlobStore> blobs,
      ImageKey key);

  // Set them before the vault is shared; borrowed.
  void AddListener(ImageListener* listener) { listeners_.push_back(listener); }

  // Stores `bytes` and the reference. `image` has all facts but the blob, which
  // is set. If the identical image is stored already, no bytes are written.
  absl::Status Put(absl::string_view bytes, StoredImage* image);
  // Errors: NOT_FOUND if the bytes are gone, DATA_LOSS if they were changed. In
  // both cases the reference is removed, so that the image is fetched anew.
  absl::StatusOr<std::string> Read(const StoredImage& image);
  // Replaces the facts of an image that is still kept.
  absl::Status Update(const StoredImage& image);
  // Removes the reference, and the bytes if it was the last one. If the bytes
  // cannot be deleted now, the janitor deletes them later.
  absl::Status Remove(const StoredImage& image);
  // Removes all images of a contact.
  absl::Status RemoveAllOf(absl::string_view jid);

  // Deletes blobs that are marked, up to `limit`; returns how many.
  absl::StatusOr<size_t> DeleteMarked(size_t limit);
  // Deletes the blobs without a reference out of those after `*after`, which
  // advances; returns whether there are more. `*deleted` is added to.
  absl::StatusOr<bool> DeleteUnreferenced(std::string* after, size_t* deleted);

  // Writes to the folder or bucket, to find out whether it works.
  //
  // Errors: those of the blobs; FAILED_PRECONDITION if they belong to another
  // store by now.
  absl::Status Probe();
  // Whether the last operation on the blobs succeeded.
  bool works() const { return is_working_; }

  ImageIndex& index() { return index_; }

 private:
  ImageVault(OrderedKeyValueStore& store, std::unique_ptr<BlobStore> blobs,
             ImageKey key)
      : index_(store), blobs_(std::move(blobs)), key_(std::move(key)) {}

  absl::Status CheckOwner();
  absl::Status CheckKey();
  // Deletes the blob if it has no reference.
  absl::Status DeleteIfUnreferenced(const std::string& blob, size_t* deleted);
  absl::Status Note(absl::Status status);

  ImageIndex index_;
  const std::unique_ptr<BlobStore> blobs_;
  const ImageKey key_;
  Leases leases_;  // of blobs
  std::vector<ImageListener*> listeners_;
  std::atomic<bool> is_working_ = true;  // see works()
};

// Deletes every image of `store` with its reference; returns how many blobs.
//
// Errors: FAILED_PRECONDITION if the blobs belong to another store; those of
// the store and of the blobs.
absl::StatusOr<size_t> DeleteAllImages(OrderedKeyValueStore& store,
                                       BlobStore& blobs);

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_IMAGE_VAULT_H_
