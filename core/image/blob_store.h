// BlobStore keeps images as named bytes, in a folder or in a bucket. It knows
// nothing of contacts: core/image/image_index.h says whose image a blob is.
#ifndef PORTRAIT_CORE_IMAGE_BLOB_STORE_H_
#define PORTRAIT_CORE_IMAGE_BLOB_STORE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

// The largest blob: an image, and what sealing adds to it.
inline constexpr size_t kMaxBlobBytes = (5 << 20) + 128;
// A blob's name: the SHA-256 or keyed hash of the image, in hexadecimal.
inline constexpr size_t kBlobNameDigits = 64;

bool IsBlobName(absl::string_view name);

// Thread-safe, but the caller must not change one name from two threads at a
// time. All methods block.
//
// Errors of every method: UNAVAILABLE if the disk or the server cannot take or
// give it now, RESOURCE_EXHAUSTED if the disk is full, PERMISSION_DENIED if the
// folder or the bucket refuses.
class BlobStore {
 public:
  virtual ~BlobStore() = default;

  // Stores or replaces a blob; durable on return.
  virtual absl::Status Put(const std::string& name,
                           absl::string_view bytes) = 0;
  // Errors: NOT_FOUND; DATA_LOSS if it is larger than kMaxBlobBytes.
  virtual absl::StatusOr<std::string> Get(const std::string& name) = 0;
  // Idempotent; durable on return.
  virtual absl::Status Delete(const std::string& name) = 0;
  // The names of blobs after `after`, in order; at least one and about `limit`,
  // none if there are no more.
  virtual absl::StatusOr<std::vector<std::string>> List(absl::string_view after,
                                                        size_t limit) = 0;
};

struct FolderBlobOptions {
  std::string folder;
  // The space that is left to others, such as the store on the same disk.
  size_t reserved_bytes = 256 << 20;
};

// A folder of two levels: FOLDER/ab/cd/abcd…, for its owner only.
//
// Errors: those of MakeFolder, PERMISSION_DENIED.
absl::StatusOr<std::unique_ptr<BlobStore>> OpenFolderBlobs(
    const FolderBlobOptions& options);

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_BLOB_STORE_H_
