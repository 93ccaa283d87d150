// ImageKey seals images at rest and names blobs. Without a key, a blob has the
// name of its SHA-256 and is stored as it is.
//
//   sealed  ┌ "PIS1" ┬ nonce, 24 bytes ┬ XChaCha20-Poly1305 of the image ┐
//
// The name of the blob is the additional data, so that a sealed image cannot be
// passed off as another one.
#ifndef PORTRAIT_CORE_IMAGE_IMAGE_KEY_H_
#define PORTRAIT_CORE_IMAGE_IMAGE_KEY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/secret.h"

namespace portrait {

// A value type.
class ImageKey {
 public:
  // No key: nothing is sealed.
  ImageKey() = default;
  // Reads a key file (core/base/key_file.h) with one key. If it is missing, it
  // is made with a new key.
  //
  // Errors: those of ReadKeyFile and WriteKeyFile; INVALID_ARGUMENT if the file
  // has several keys.
  static absl::StatusOr<ImageKey> ReadOrMake(const std::string& file);
  explicit ImageKey(Secret key);  // 32 bytes

  bool seals() const { return !sealing_.empty(); }
  // Identical images have the same name. With a key it is a keyed hash: the
  // names do not reveal whether a given picture is among them.
  std::string BlobName(absl::string_view sha256) const;
  // Returns the bytes that are stored for the image.
  std::string Seal(absl::string_view name, std::string image) const;
  // Errors: DATA_LOSS if it was changed, or sealed under another key or name.
  absl::StatusOr<std::string> Open(absl::string_view name,
                                   std::string stored) const;
  // Differs from key to key and reveals neither; empty without a key.
  std::string Fingerprint() const;

 private:
  Secret sealing_, naming_;  // both empty: no key
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_IMAGE_KEY_H_
