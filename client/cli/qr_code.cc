#include "client/cli/qr_code.h"

#include <qrencode.h>

#include <memory>

#include "absl/strings/str_cat.h"

namespace portrait::cli {
namespace {

constexpr int kQuietModules = 4;

struct FreeQrCode {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

}  // namespace

absl::StatusOr<std::string> DrawQrCode(absl::string_view text,
                                       QrColors colors) {
  const std::unique_ptr<QRcode, FreeQrCode> code(
      QRcode_encodeData(static_cast<int>(text.size()),
                        reinterpret_cast<const unsigned char*>(text.data()),
                        /*version=*/0, QR_ECLEVEL_L));
  if (code == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot draw a QR code of ", text.size(), " bytes"));
  }
  const int width = code->width;
  const auto dark = [&code, width](int x, int y) {
    if (x < 0 || y < 0 || x >= width || y >= width) return false;
    return (code->data[y * width + x] & 1) != 0;
  };
  std::string drawing;
  for (int y = -kQuietModules; y < width + kQuietModules; y += 2) {
    if (colors == QrColors::kAnsi) drawing += "\033[30;47m";
    for (int x = -kQuietModules; x < width + kQuietModules; ++x) {
      const bool upper = dark(x, y) == (colors == QrColors::kAnsi);
      // Below an odd code's last row there is quiet zone, or nothing.
      const bool lower = dark(x, y + 1) == (colors == QrColors::kAnsi);
      drawing += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
    }
    if (colors == QrColors::kAnsi) drawing += "\033[0m";
    drawing += "\n";
  }
  return drawing;
}

}  // namespace portrait::cli
