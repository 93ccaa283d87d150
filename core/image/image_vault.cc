#include "core/image/image_vault.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "core/base/sha256.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"

namespace portrait {
namespace {

// A blob that no image has: it says to which store the blobs belong, because
// the janitor of another one would delete all of them.
const std::string kOwnerBlob(kBlobNameDigits, '0');
constexpr absl::string_view kOwnerValue = "owner", kKeyValue = "key";
constexpr size_t kOwnerBytes = 16;
constexpr size_t kListedBlobs = 1000;

absl::Status OtherOwnerError() {
  return absl::FailedPreconditionError(
      "--images: the folder or bucket has the images of another portraitd, "
      "which would be deleted; use another one, or empty it");
}

}  // namespace

absl::StatusOr<std::unique_ptr<ImageVault>> ImageVault::Open(
    OrderedKeyValueStore& store, std::unique_ptr<BlobStore> blobs,
    ImageKey key) {
  auto vault =
      absl::WrapUnique(new ImageVault(store, std::move(blobs), std::move(key)));
  RETURN_IF_ERROR(vault->CheckKey());
  const absl::Status owner = vault->CheckOwner();
  // If the bucket is not reachable now, the janitor checks it before it deletes
  // anything.
  if (!owner.ok() && !absl::IsUnavailable(owner)) return owner;
  return vault;
}

absl::Status ImageVault::CheckKey() {
  ASSIGN_OR_RETURN(const std::string stored, index_.GetValue(kKeyValue));
  std::string last;
  ASSIGN_OR_RETURN(const std::vector<StoredImage> some,
                   index_.List("", /*limit=*/1, &last));
  if (!some.empty() && stored != key_.Fingerprint()) {
    return absl::FailedPreconditionError(
        "--images-key: the stored images are sealed under another key, or are "
        "not sealed; use the key from before, or delete all images with "
        "--forget-images");
  }
  return index_.SetValue(kKeyValue, key_.Fingerprint());
}

absl::Status ImageVault::CheckOwner() {
  ASSIGN_OR_RETURN(std::string owner, index_.GetValue(kOwnerValue));
  if (owner.empty()) {
    owner = absl::BytesToHexString(RandomBytes(kOwnerBytes));
    RETURN_IF_ERROR(index_.SetValue(kOwnerValue, owner));
  }
  const Leases::Lease lease(leases_, kOwnerBlob);
  const absl::StatusOr<std::string> found = blobs_->Get(kOwnerBlob);
  if (absl::IsNotFound(found.status())) return blobs_->Put(kOwnerBlob, owner);
  RETURN_IF_ERROR(found.status());
  if (*found == owner) return absl::OkStatus();
  return OtherOwnerError();
}

absl::Status ImageVault::Note(absl::Status status) {
  const bool works = status.ok() || absl::IsNotFound(status);
  if (is_working_.exchange(works) != works) {
    for (ImageListener* listener : listeners_) listener->OnStorage(works);
    if (works) {
      LogInfo("images: the storage works again");
    } else {
      LogWarning("images: {}", status.ToString());
    }
  }
  return status;
}

absl::Status ImageVault::Probe() {
  const absl::Status owner = CheckOwner();
  if (!owner.ok()) return Note(owner);
  ASSIGN_OR_RETURN(const std::string value, index_.GetValue(kOwnerValue));
  const Leases::Lease lease(leases_, kOwnerBlob);
  return Note(blobs_->Put(kOwnerBlob, value));
}

absl::Status ImageVault::Put(absl::string_view bytes, StoredImage* image) {
  if (image->sha256().empty()) image->set_sha256(Sha256(bytes));
  image->set_blob(key_.BlobName(image->sha256()));
  std::string replaced;
  {
    const Leases::Lease lease(leases_, image->blob());
    ASSIGN_OR_RETURN(const bool is_stored, index_.IsReferenced(image->blob()));
    if (!is_stored) {
      const std::string sealed = key_.Seal(image->blob(), std::string(bytes));
      RETURN_IF_ERROR(Note(blobs_->Put(image->blob(), sealed)));
    }
    ASSIGN_OR_RETURN(replaced, index_.Add(*image));
  }
  for (ImageListener* listener : listeners_) listener->OnKept(*image);
  if (replaced.empty()) return absl::OkStatus();
  {
    const Leases::Lease lease(leases_, replaced);
    RETURN_IF_ERROR(
        index_
            .Release({image->jid(), image->picture_id(), image->is_preview()},
                     replaced)
            .status());
  }
  size_t deleted = 0;
  (void)DeleteIfUnreferenced(replaced, &deleted);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ImageVault::Read(const StoredImage& image) {
  absl::StatusOr<std::string> bytes = blobs_->Get(image.blob());
  absl::Status status = Note(bytes.status());
  if (status.ok()) {
    bytes = key_.Open(image.blob(), *std::move(bytes));
    status = bytes.status();
  }
  if (status.ok() && Sha256(*bytes) != image.sha256()) {
    status = absl::DataLossError("a stored image was changed");
  }
  if (status.ok()) return bytes;
  if (absl::IsNotFound(status) || absl::IsDataLoss(status)) {
    LogWarning("images: {}: it is fetched anew", status.ToString());
    RETURN_IF_ERROR(Remove(image));
  }
  return status;
}

absl::Status ImageVault::Update(const StoredImage& image) {
  const Leases::Lease lease(leases_, image.blob());
  return index_.Update(image);
}

absl::Status ImageVault::Remove(const StoredImage& image) {
  bool is_last = false;
  {
    const Leases::Lease lease(leases_, image.blob());
    ASSIGN_OR_RETURN(is_last, index_.Remove(image));
  }
  for (ImageListener* listener : listeners_) listener->OnRemoved(image);
  size_t deleted = 0;
  // The mark for deletion stays until the blob is gone.
  if (is_last) (void)DeleteIfUnreferenced(image.blob(), &deleted);
  return absl::OkStatus();
}

absl::Status ImageVault::RemoveAllOf(absl::string_view jid) {
  ASSIGN_OR_RETURN(const std::vector<StoredImage> images, index_.ImagesOf(jid));
  for (const StoredImage& image : images) RETURN_IF_ERROR(Remove(image));
  return absl::OkStatus();
}

absl::Status ImageVault::DeleteIfUnreferenced(const std::string& blob,
                                              size_t* deleted) {
  const Leases::Lease lease(leases_, blob);
  ASSIGN_OR_RETURN(const bool is_referenced, index_.IsReferenced(blob));
  if (!is_referenced) {
    RETURN_IF_ERROR(Note(blobs_->Delete(blob)));
    ++*deleted;
  }
  return index_.NoteDeleted(blob);
}

absl::StatusOr<size_t> ImageVault::DeleteMarked(size_t limit) {
  ASSIGN_OR_RETURN(const std::vector<std::string> blobs,
                   index_.ToDelete(limit));
  size_t deleted = 0;
  for (const std::string& blob : blobs) {
    RETURN_IF_ERROR(DeleteIfUnreferenced(blob, &deleted));
  }
  return blobs.size();
}

absl::StatusOr<bool> ImageVault::DeleteUnreferenced(std::string* after,
                                                    size_t* deleted) {
  if (after->empty()) RETURN_IF_ERROR(CheckOwner());
  absl::StatusOr<std::vector<std::string>> blobs =
      blobs_->List(*after, kListedBlobs);
  RETURN_IF_ERROR(Note(blobs.status()));
  for (const std::string& blob : *blobs) {
    if (blob == kOwnerBlob) continue;
    ASSIGN_OR_RETURN(const bool is_referenced, index_.IsReferenced(blob));
    if (is_referenced) continue;
    RETURN_IF_ERROR(DeleteIfUnreferenced(blob, deleted));
  }
  if (!blobs->empty()) *after = blobs->back();
  return !blobs->empty();
}

absl::StatusOr<size_t> DeleteAllImages(OrderedKeyValueStore& store,
                                       BlobStore& blobs) {
  ImageIndex index(store);
  ASSIGN_OR_RETURN(const std::string owner, index.GetValue(kOwnerValue));
  const absl::StatusOr<std::string> found = blobs.Get(kOwnerBlob);
  if (!absl::IsNotFound(found.status())) {
    RETURN_IF_ERROR(found.status());
    if (*found != owner) return OtherOwnerError();
  }
  size_t deleted = 0;
  std::string after;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<std::string> listed,
                     blobs.List(after, kListedBlobs));
    if (listed.empty()) break;
    for (const std::string& blob : listed) {
      if (blob == kOwnerBlob) continue;
      RETURN_IF_ERROR(blobs.Delete(blob));
      ++deleted;
    }
    after = listed.back();
  }
  RETURN_IF_ERROR(blobs.Delete(kOwnerBlob));
  while (true) {
    ASSIGN_OR_RETURN(const OrderedKeyValueStore::Entries entries,
                     store.ListAfter("", "", kListedBlobs));
    if (entries.empty()) return deleted;
    std::vector<std::string> keys;
    for (const auto& [key, value] : entries) keys.push_back(key);
    RETURN_IF_ERROR(store.Update({}, keys));
  }
}

}  // namespace portrait
