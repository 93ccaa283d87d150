#include "client/cli/qr_drawing.h"

namespace portrait::cli {

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
