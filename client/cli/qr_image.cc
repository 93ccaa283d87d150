#include "client/cli/qr_image.h"

#include <zlib.h>

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace portrait::cli {
namespace {

// So that a module is a byte of a one-bit row.
constexpr int kPixelsPerModule = 8;

std::string BigEndian(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

// A chunk of a PNG file (ISO/IEC 15948, section 5.3).
std::string Chunk(absl::string_view type, absl::string_view data) {
  const std::string body = absl::StrCat(type, data);
  const uLong checksum = crc32(0, reinterpret_cast<const Bytef*>(body.data()),
                               static_cast<uInt>(body.size()));
  return absl::StrCat(BigEndian(static_cast<uint32_t>(data.size())), body,
                      BigEndian(static_cast<uint32_t>(checksum)));
}

std::string Deflate(absl::string_view data) {
  uLongf size = compressBound(data.size());
  std::string compressed(size, '\0');
  // This fails only without memory or with too small a buffer.
  compress(reinterpret_cast<Bytef*>(compressed.data()), &size,
           reinterpret_cast<const Bytef*>(data.data()), data.size());
  compressed.resize(size);
  return compressed;
}

}  // namespace

std::string QrCodePng(const QrCode& code) {
  const int modules = code.size() + 2 * kQuietModules;
  std::string rows;
  for (int y = -kQuietModules; y < code.size() + kQuietModules; ++y) {
    std::string row(1, '\0');  // filter type: none
    for (int x = -kQuietModules; x < code.size() + kQuietModules; ++x) {
      row.push_back(code.IsDark(x, y) ? '\0' : '\xFF');
    }
    for (int i = 0; i < kPixelsPerModule; ++i) rows += row;
  }
  const std::string side =
      BigEndian(static_cast<uint32_t>(modules * kPixelsPerModule));
  // One bit per pixel, greyscale, standard compression and filter, no
  // interlace.
  constexpr char kFormat[] = {1, 0, 0, 0, 0};
  return absl::StrCat(
      "\x89PNG\r\n\x1A\n",
      Chunk("IHDR", absl::StrCat(side, side,
                                 absl::string_view(kFormat, sizeof(kFormat)))),
      Chunk("IDAT", Deflate(rows)), Chunk("IEND", ""));
}

}  // namespace portrait::cli
