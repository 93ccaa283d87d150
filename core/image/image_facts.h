// The facts about the bytes of a picture: their hash, their format and size,
// and two perceptual hashes by which similar pictures are found.
//
// Decoding is where attackers live: anyone may upload any file as a profile
// picture, and the decoders of libjpeg-turbo, libpng and libwebp have had
// memory errors that run code. portraitd holds the keys of all linked accounts,
// and a thread shares that memory and cannot be killed. So a server never calls
// ReadImage itself but an ImageReader (image_reader.h), which runs it in a
// child process that has no files, no network and no secrets. The functions of
// this header run in that child, in tests and in fuzzers.
#ifndef PORTRAIT_CORE_IMAGE_IMAGE_FACTS_H_
#define PORTRAIT_CORE_IMAGE_IMAGE_FACTS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

enum class ImageFormat { kJpeg, kPng, kWebP };

// "jpeg", "png" or "webp"; also the usual ending of a file's name, but for
// "jpg".
absl::string_view ImageFormatName(ImageFormat format);
// "image/jpeg", "image/png" or "image/webp".
absl::string_view ImageContentType(ImageFormat format);

// The content of a picture, as far as it can be told without a model.
enum class ImageLook {
  kPicture,     // anything else
  kSilhouette,  // the figure of a person or a group that stands for no picture
  kBlank,       // one colour nearly everywhere
};

struct ImageLimits {
  size_t max_bytes = size_t{5} * 1024 * 1024;
  uint32_t max_side = 8192;                          // pixels
  uint64_t max_pixels = uint64_t{16} * 1024 * 1024;  // 48 MiB when decoded
};

struct ImageFacts {
  std::string sha256;  // 32 bytes
  size_t bytes = 0;
  ImageFormat format = ImageFormat::kJpeg;
  uint32_t width = 0;   // pixels
  uint32_t height = 0;  // pixels
  // The bits of Python's imagehash.phash and imagehash.dhash, of 64 bits: the
  // first bit of the first row is the highest. In a picture of one colour, and
  // in one that equals its mirror image, rounding errors decide some bits of
  // the phash.
  uint64_t phash = 0;
  uint64_t dhash = 0;
  ImageLook look = ImageLook::kPicture;
};

// Reads the format from the first bytes, whatever a sender calls it.
//
// Errors: INVALID_ARGUMENT if it is none of the three.
absl::StatusOr<ImageFormat> DetectImageFormat(absl::string_view bytes);

// Decodes the picture in this thread; takes about 5 ms for 640 x 640 pixels and
// four bytes of memory for each pixel.
//
// Errors: INVALID_ARGUMENT if the bytes are no such picture or end early,
// OUT_OF_RANGE beyond a limit (the message says which).
absl::StatusOr<ImageFacts> ReadImage(absl::string_view bytes,
                                     const ImageLimits& limits);

// The two sides of thumbnails, in pixels.
inline constexpr uint32_t kSmallThumbnail = 96;
inline constexpr uint32_t kLargeThumbnail = 256;

// A JPEG of the picture whose longer side has at most `side` pixels; smaller
// pictures keep their size. It has no metadata. Errors as above.
absl::StatusOr<std::string> MakeThumbnail(absl::string_view bytes,
                                          uint32_t side,
                                          const ImageLimits& limits);

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_IMAGE_FACTS_H_
