#include "client/cli/qr_code.h"

#include <qrencode.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace portrait::cli {
namespace {

struct FreeQrCode {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

}  // namespace

absl::StatusOr<QrCode> QrCode::Make(absl::string_view text) {
  const std::unique_ptr<QRcode, FreeQrCode> code(
      QRcode_encodeData(static_cast<int>(text.size()),
                        reinterpret_cast<const unsigned char*>(text.data()),
                        /*version=*/0, QR_ECLEVEL_L));
  if (code == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot draw a QR code of ", text.size(), " bytes"));
  }
  std::string modules(static_cast<size_t>(code->width * code->width), '\0');
  // In libqrencode's data, the lowest bit is the colour.
  for (size_t i = 0; i < modules.size(); ++i) modules[i] = code->data[i] & 1;
  return QrCode(code->width, std::move(modules));
}

std::string DrawQrCode(const QrCode& code, QrColors colors, int quiet_modules) {
  const int end = code.size() + quiet_modules;
  const bool dark_is_ink = colors == QrColors::kAnsi;
  std::string drawing;
  for (int y = -quiet_modules; y < end; y += 2) {
    if (colors == QrColors::kAnsi) drawing += "\033[30;47m";
    for (int x = -quiet_modules; x < end; ++x) {
      const bool upper = code.IsDark(x, y) == dark_is_ink;
      const bool lower = code.IsDark(x, y + 1) == dark_is_ink;
      drawing += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
    }
    if (colors == QrColors::kAnsi) drawing += "\033[0m";
    drawing += "\n";
  }
  return drawing;
}

}  // namespace portrait::cli
