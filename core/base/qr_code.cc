#include "core/base/qr_code.h"

#include <qrencode.h>

#include <memory>

#include "absl/strings/str_cat.h"

namespace portrait {
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

std::string QrCodeSvg(const QrCode& code) {
  const int side = code.size() + 2 * kQuietModules;
  std::string path;
  for (int y = 0; y < code.size(); ++y) {
    for (int x = 0; x < code.size();) {
      int end = x;
      while (code.IsDark(end, y)) ++end;
      if (end > x) {
        absl::StrAppend(&path, "M", x + kQuietModules, " ", y + kQuietModules,
                        "h", end - x, "v1h-", end - x, "z");
      }
      x = end + 1;
    }
  }
  return absl::StrCat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ", side, " ",
      side, "\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h",
      side, "v", side, "H0z\"/><path d=\"", path, "\"/></svg>\n");
}

}  // namespace portrait
