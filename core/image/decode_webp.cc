#include <webp/decode.h>

#include "absl/status/status.h"
#include "core/base/status_macros.h"
#include "core/image/pixels.h"

namespace portrait {

absl::StatusOr<Pixels> DecodeWebP(absl::string_view bytes,
                                  const ImageLimits& limits) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  WebPBitstreamFeatures features = {};
  if (WebPGetFeatures(data, bytes.size(), &features) != VP8_STATUS_OK) {
    return absl::InvalidArgumentError("WebP picture: damaged header");
  }
  if (features.has_animation != 0) {
    return absl::InvalidArgumentError("WebP picture: animated");
  }
  Pixels pixels;
  pixels.width = static_cast<uint32_t>(features.width);
  pixels.height = static_cast<uint32_t>(features.height);
  RETURN_IF_ERROR(CheckImageSize(pixels.width, pixels.height, limits));
  pixels.bytes.resize(pixels.row_bytes() * pixels.height);
  if (WebPDecodeRGBInto(data, bytes.size(), pixels.bytes.data(),
                        pixels.bytes.size(),
                        static_cast<int>(pixels.row_bytes())) == nullptr) {
    return absl::InvalidArgumentError("WebP picture: damaged or ends early");
  }
  return pixels;
}

}  // namespace portrait
