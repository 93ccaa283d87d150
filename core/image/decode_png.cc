#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/image/pixels.h"

namespace portrait {
namespace {

// Compressed texts and color profiles can expand to a thousand times their
// size; none is needed.
constexpr png_alloc_size_t kMaxPngChunkBytes = size_t{1} << 20;
constexpr png_uint_32 kMaxPngCachedChunks = 16;

// libpng leaves a failed call by longjmp; see decode_jpeg.cc.
struct PngSource {
  absl::string_view rest;
  char message[96] = {};
};

[[noreturn]] void FailPng(png_structp png, png_const_charp message) {
  auto* source = static_cast<PngSource*>(png_get_error_ptr(png));
  std::strncpy(source->message, message, sizeof(source->message) - 1);
  png_longjmp(png, 1);
}

void ReadPngBytes(png_structp png, png_bytep to, size_t size) {
  auto* source = static_cast<PngSource*>(png_get_io_ptr(png));
  if (size > source->rest.size()) png_error(png, "ends early");
  std::memcpy(to, source->rest.data(), size);
  source->rest.remove_prefix(size);
}

bool ReadPngHeader(png_structp png, png_infop info, PngSource* source) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_read_fn(png, source, ReadPngBytes);
  png_set_chunk_malloc_max(png, kMaxPngChunkBytes);
  png_set_chunk_cache_max(png, kMaxPngCachedChunks);
  // Ignores every chunk that is not needed for pixels: -1 stands for those that
  // libpng knows, too.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_read_info(png, info);
  return true;
}

// Asks for grey or RGB samples of 8 bits; returns the channels.
bool SetPngOutput(png_structp png, png_infop info, uint32_t* channels) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  const int type = png_get_color_type(png, info);
  if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if ((type & PNG_COLOR_MASK_COLOR) == 0 && png_get_bit_depth(png, info) < 8) {
    png_set_expand_gray_1_2_4_to_8(png);
  }
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  *channels = png_get_channels(png, info);
  return true;
}

bool ReadPngRows(png_structp png, uint8_t** rows) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_read_image(png, rows);
  return true;
}

}  // namespace

absl::StatusOr<Pixels> DecodePng(absl::string_view bytes,
                                 const ImageLimits& limits) {
  PngSource source{bytes};
  const auto failure = [&source] {
    return absl::InvalidArgumentError(
        absl::StrCat("PNG picture: ", source.message));
  };
  png_structp png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, FailPng,
                             [](png_structp, png_const_charp) {});
  if (png == nullptr) return absl::ResourceExhaustedError("PNG: no memory");
  png_infop info = png_create_info_struct(png);
  const absl::Cleanup destroy = [&] {
    png_destroy_read_struct(&png, &info, nullptr);
  };
  if (info == nullptr) return absl::ResourceExhaustedError("PNG: no memory");
  if (!ReadPngHeader(png, info, &source)) return failure();
  Pixels pixels;
  pixels.width = png_get_image_width(png, info);
  pixels.height = png_get_image_height(png, info);
  RETURN_IF_ERROR(CheckImageSize(pixels.width, pixels.height, limits));
  if (!SetPngOutput(png, info, &pixels.channels)) return failure();
  // A palette with transparency was expanded to four channels, of which
  // png_set_strip_alpha drops the last.
  if ((pixels.channels != 1 && pixels.channels != 3) ||
      png_get_rowbytes(png, info) != pixels.row_bytes()) {
    return absl::InvalidArgumentError("PNG picture: unknown kind of pixels");
  }
  pixels.bytes.resize(pixels.row_bytes() * pixels.height);
  std::vector<uint8_t*> rows(pixels.height);
  for (size_t y = 0; y < rows.size(); ++y) {
    rows[y] = pixels.bytes.data() + y * pixels.row_bytes();
  }
  if (!ReadPngRows(png, rows.data())) return failure();
  return pixels;
}

}  // namespace portrait
