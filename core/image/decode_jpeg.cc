#include <cstdio>  // before jpeglib.h, which needs it

#include <csetjmp>
#include <cstdlib>
#include <string>
#include <utility>

#include <jerror.h>
#include <jpeglib.h>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/image/pixels.h"

namespace portrait {
namespace {

// A progressive file may repeat its scans without end, and each one costs as
// much time as the first. Encoders write about ten.
constexpr int kMaxJpegScans = 64;
constexpr int kThumbnailQuality = 82;

// libjpeg leaves a failed call by longjmp, which must not skip destructors: the
// functions that it may leave have plain local variables only.
struct JpegErrors {
  jpeg_error_mgr manager = {};
  jmp_buf failed;
  char message[JMSG_LENGTH_MAX] = {};
};

[[noreturn]] void FailJpeg(j_common_ptr info) {
  auto* errors = reinterpret_cast<JpegErrors*>(info->err);
  info->err->format_message(info, errors->message);
  std::longjmp(errors->failed, 1);
}

// A negative level is a warning: of these, only a file that ends early is an
// error, as it is in Pillow.
void OnJpegMessage(j_common_ptr info, int level) {
  if (level < 0 && info->err->msg_code == JWRN_JPEG_EOF) FailJpeg(info);
}

void LimitJpegScans(j_common_ptr info) {
  if (!info->is_decompressor) return;
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number >
      kMaxJpegScans) {
    ERREXIT(info, JERR_BAD_PROGRESSION);
  }
}

void SetErrors(j_common_ptr info, JpegErrors* errors) {
  info->err = jpeg_std_error(&errors->manager);
  errors->manager.error_exit = FailJpeg;
  errors->manager.emit_message = OnJpegMessage;
  errors->manager.output_message = [](j_common_ptr) {};
}

bool ReadJpegHeader(jpeg_decompress_struct* info, JpegErrors* errors,
                    absl::string_view bytes) {
  if (setjmp(errors->failed) != 0) return false;
  jpeg_create_decompress(info);
  jpeg_mem_src(info, reinterpret_cast<const unsigned char*>(bytes.data()),
               bytes.size());
  jpeg_read_header(info, TRUE);
  if (info->num_components == 1) {
    info->out_color_space = JCS_GRAYSCALE;
  } else if (info->num_components == 4) {
    info->out_color_space = JCS_CMYK;
  } else {
    info->out_color_space = JCS_RGB;
  }
  jpeg_calc_output_dimensions(info);
  return true;
}

bool ReadJpegRows(jpeg_decompress_struct* info, JpegErrors* errors,
                  uint8_t* rows, size_t row_bytes) {
  if (setjmp(errors->failed) != 0) return false;
  jpeg_start_decompress(info);
  while (info->output_scanline < info->output_height) {
    JSAMPROW row = rows + size_t{info->output_scanline} * row_bytes;
    jpeg_read_scanlines(info, &row, 1);
  }
  jpeg_finish_decompress(info);
  return true;
}

// Adobe's files store each ink inverted.
void CmykToRgb(const uint8_t* cmyk, bool inverted, size_t pixels,
               uint8_t* rgb) {
  const auto product = [](uint32_t a, uint32_t b) {
    const uint32_t sum = a * b + 128;
    return (sum + (sum >> 8)) >> 8;  // a * b / 255, rounded
  };
  const uint8_t flip = inverted ? 0xFF : 0;
  for (size_t i = 0; i < pixels; ++i, cmyk += 4, rgb += 3) {
    const uint32_t light = 255 - (cmyk[3] ^ flip);
    for (int c = 0; c < 3; ++c) {
      rgb[c] = static_cast<uint8_t>(light - product(cmyk[c] ^ flip, light));
    }
  }
}

absl::Status JpegFailure(const JpegErrors& errors) {
  return absl::InvalidArgumentError(
      absl::StrCat("JPEG picture: ", errors.message));
}

// Returns false on failure; `*bytes` is then to be freed all the same.
bool WriteJpeg(jpeg_compress_struct* info, JpegErrors* errors,
               const Pixels& pixels, unsigned char** bytes,
               unsigned long* size) {  // NOLINT(google-runtime-int): libjpeg's
  if (setjmp(errors->failed) != 0) return false;
  jpeg_create_compress(info);
  jpeg_mem_dest(info, bytes, size);
  info->image_width = pixels.width;
  info->image_height = pixels.height;
  info->input_components = static_cast<int>(pixels.channels);
  info->in_color_space = pixels.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(info);
  jpeg_set_quality(info, kThumbnailQuality, TRUE);
  info->optimize_coding = TRUE;
  jpeg_start_compress(info, TRUE);
  while (info->next_scanline < info->image_height) {
    auto* row = const_cast<JSAMPROW>(pixels.bytes.data() +
                                     info->next_scanline * pixels.row_bytes());
    jpeg_write_scanlines(info, &row, 1);
  }
  jpeg_finish_compress(info);
  return true;
}

}  // namespace

absl::StatusOr<Pixels> DecodeJpeg(absl::string_view bytes,
                                  const ImageLimits& limits) {
  JpegErrors errors;
  jpeg_decompress_struct info = {};
  SetErrors(reinterpret_cast<j_common_ptr>(&info), &errors);
  const absl::Cleanup destroy = [&info] { jpeg_destroy_decompress(&info); };
  if (!ReadJpegHeader(&info, &errors, bytes)) return JpegFailure(errors);
  RETURN_IF_ERROR(
      CheckImageSize(info.output_width, info.output_height, limits));
  jpeg_progress_mgr progress = {};
  progress.progress_monitor = LimitJpegScans;
  info.progress = &progress;
  Pixels pixels;
  pixels.width = info.output_width;
  pixels.height = info.output_height;
  pixels.channels = static_cast<uint32_t>(info.out_color_components);
  pixels.bytes.resize(pixels.row_bytes() * pixels.height);
  if (!ReadJpegRows(&info, &errors, pixels.bytes.data(), pixels.row_bytes())) {
    return JpegFailure(errors);
  }
  if (pixels.channels == 4) {
    const size_t count = size_t{pixels.width} * pixels.height;
    // In place: the three bytes of a pixel never overtake the four.
    CmykToRgb(pixels.bytes.data(), info.saw_Adobe_marker != 0, count,
              pixels.bytes.data());
    pixels.bytes.resize(count * 3);
    pixels.channels = 3;
  }
  return pixels;
}

absl::StatusOr<std::string> EncodeJpeg(const Pixels& pixels) {
  JpegErrors errors;
  jpeg_compress_struct info = {};
  SetErrors(reinterpret_cast<j_common_ptr>(&info), &errors);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int): libjpeg's
  const absl::Cleanup destroy = [&] {
    jpeg_destroy_compress(&info);
    std::free(bytes);
  };
  if (!WriteJpeg(&info, &errors, pixels, &bytes, &size)) {
    return absl::InternalError(absl::StrCat("thumbnail: ", errors.message));
  }
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

}  // namespace portrait
