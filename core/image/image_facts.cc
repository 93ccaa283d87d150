#include "core/image/image_facts.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/sha256.h"
#include "core/base/status_macros.h"
#include "core/image/perceptual_hash.h"
#include "core/image/pixels.h"

namespace portrait {

absl::string_view ImageFormatName(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg:
      return "jpeg";
    case ImageFormat::kPng:
      return "png";
    case ImageFormat::kWebP:
      return "webp";
  }
  return "";
}

absl::string_view ImageContentType(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg:
      return "image/jpeg";
    case ImageFormat::kPng:
      return "image/png";
    case ImageFormat::kWebP:
      return "image/webp";
  }
  return "";
}

absl::StatusOr<ImageFormat> DetectImageFormat(absl::string_view bytes) {
  if (absl::StartsWith(bytes, "\xFF\xD8\xFF")) return ImageFormat::kJpeg;
  if (absl::StartsWith(bytes, "\x89PNG\r\n\x1A\n")) return ImageFormat::kPng;
  constexpr size_t kRiffHeaderBytes = 12;
  if (bytes.size() >= kRiffHeaderBytes && absl::StartsWith(bytes, "RIFF") &&
      bytes.substr(8, 4) == "WEBP") {
    return ImageFormat::kWebP;
  }
  return absl::InvalidArgumentError("picture: not a JPEG, PNG or WebP file");
}

absl::Status CheckImageBytes(absl::string_view bytes,
                             const ImageLimits& limits) {
  if (bytes.size() <= limits.max_bytes) return absl::OkStatus();
  return absl::OutOfRangeError(absl::StrCat(
      "picture: ", bytes.size(), " bytes, at most ", limits.max_bytes));
}

absl::Status CheckImageSize(uint64_t width, uint64_t height,
                            const ImageLimits& limits) {
  if (width == 0 || height == 0) {
    return absl::InvalidArgumentError("picture: has no pixels");
  }
  if (width > limits.max_side || height > limits.max_side) {
    return absl::OutOfRangeError(absl::StrCat("picture: ", width, " x ", height,
                                              " pixels, at most ",
                                              limits.max_side, " a side"));
  }
  if (width * height > limits.max_pixels) {
    return absl::OutOfRangeError(absl::StrCat("picture: ", width, " x ", height,
                                              " pixels, at most ",
                                              limits.max_pixels, " in all"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Pixels> DecodeImage(absl::string_view bytes,
                                   const ImageLimits& limits) {
  RETURN_IF_ERROR(CheckImageBytes(bytes, limits));
  ASSIGN_OR_RETURN(const ImageFormat format, DetectImageFormat(bytes));
  switch (format) {
    case ImageFormat::kJpeg:
      return DecodeJpeg(bytes, limits);
    case ImageFormat::kPng:
      return DecodePng(bytes, limits);
    case ImageFormat::kWebP:
      return DecodeWebP(bytes, limits);
  }
  return absl::InternalError("picture: unknown format");
}

absl::StatusOr<ImageFacts> ReadImage(absl::string_view bytes,
                                     const ImageLimits& limits) {
  ASSIGN_OR_RETURN(const Pixels pixels, DecodeImage(bytes, limits));
  ImageFacts facts;
  ASSIGN_OR_RETURN(facts.format, DetectImageFormat(bytes));
  facts.sha256 = Sha256(bytes);
  facts.bytes = bytes.size();
  facts.width = pixels.width;
  facts.height = pixels.height;
  const Pixels grey = ToGrey(pixels);
  facts.phash = PHash(grey);
  facts.dhash = DHash(grey);
  facts.look = LookOf(grey);
  return facts;
}

absl::StatusOr<Pixels> ShrinkImage(absl::string_view bytes, uint32_t side,
                                   const ImageLimits& limits) {
  if (side == 0) return absl::InvalidArgumentError("thumbnail: no side");
  ASSIGN_OR_RETURN(Pixels pixels, DecodeImage(bytes, limits));
  const uint32_t longer = std::max(pixels.width, pixels.height);
  if (longer <= side) return pixels;
  const auto scaled = [&](uint32_t length) {
    return std::max<uint32_t>(1,
                              (uint64_t{length} * side + longer / 2) / longer);
  };
  return ResizeLanczos(pixels, scaled(pixels.width), scaled(pixels.height));
}

absl::StatusOr<std::string> MakeThumbnail(absl::string_view bytes,
                                          uint32_t side,
                                          const ImageLimits& limits) {
  ASSIGN_OR_RETURN(const Pixels pixels, ShrinkImage(bytes, side, limits));
  return EncodeJpeg(pixels);
}

}  // namespace portrait
