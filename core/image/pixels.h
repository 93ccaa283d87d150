// Decoded pictures, and the decoders, one for each format.
#ifndef PORTRAIT_CORE_IMAGE_PIXELS_H_
#define PORTRAIT_CORE_IMAGE_PIXELS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/image/image_facts.h"

namespace portrait {

// Rows from top to bottom without padding: one byte for each pixel (grey) or
// three (red, green, blue).
struct Pixels {
  uint32_t width = 0;
  uint32_t height = 0;
  uint32_t channels = 3;  // 1 or 3
  std::vector<uint8_t> bytes;

  size_t row_bytes() const { return size_t{width} * channels; }
};

// OUT_OF_RANGE if there are more bytes than `limits` allow.
absl::Status CheckImageBytes(absl::string_view bytes,
                             const ImageLimits& limits);
// OUT_OF_RANGE if a picture of this size is beyond `limits`. Decoders call it
// before they take memory for pixels.
absl::Status CheckImageSize(uint64_t width, uint64_t height,
                            const ImageLimits& limits);

// Errors of all four: as ReadImage. Transparency is dropped, and 16-bit samples
// lose their low byte. Animated WebP files are refused.
absl::StatusOr<Pixels> DecodeJpeg(absl::string_view bytes,
                                  const ImageLimits& limits);
absl::StatusOr<Pixels> DecodePng(absl::string_view bytes,
                                 const ImageLimits& limits);
absl::StatusOr<Pixels> DecodeWebP(absl::string_view bytes,
                                  const ImageLimits& limits);
// Chooses the decoder by the content, and checks the number of bytes.
absl::StatusOr<Pixels> DecodeImage(absl::string_view bytes,
                                   const ImageLimits& limits);

// The luma of each pixel: (299 R + 587 G + 114 B) / 1000, rounded.
Pixels ToGrey(const Pixels& pixels);

// Resizes with the Lanczos filter of three lobes, as Pillow does for 8-bit
// samples, to the last bit: sums of 22-bit fixed-point weights, first along the
// rows and then along the columns, each rounded to 8 bits.
Pixels ResizeLanczos(const Pixels& pixels, uint32_t width, uint32_t height);

// Decodes a picture and fits its longer side into `side` pixels; smaller
// pictures keep their size.
absl::StatusOr<Pixels> ShrinkImage(absl::string_view bytes, uint32_t side,
                                   const ImageLimits& limits);

// Quality 82, 4:2:0, without metadata.
absl::StatusOr<std::string> EncodeJpeg(const Pixels& pixels);

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_PIXELS_H_
