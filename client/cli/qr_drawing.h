// Drawings of QR codes on a terminal.
#ifndef PORTRAIT_CLIENT_CLI_QR_DRAWING_H_
#define PORTRAIT_CLIENT_CLI_QR_DRAWING_H_

#include <string>

#include "core/base/qr_code.h"

namespace portrait::cli {

// Phones can read codes with so small a quiet zone from a screen, in modules.
inline constexpr int kLeastQuietModules = 1;

enum class QrColors {
  kPlain,  // light modules are blocks, for a dark terminal
  kAnsi,   // black on white by escape sequences, for any terminal
};

// Lines of equal width, each with a line break: a half-block character shows
// two modules, one above the other.
std::string DrawQrCode(const QrCode& code, QrColors colors, int quiet_modules);

// The numbers of lines and columns of such a drawing.
inline int DrawnLines(const QrCode& code, int quiet_modules) {
  return (code.size() + 2 * quiet_modules + 1) / 2;
}
inline int DrawnColumns(const QrCode& code, int quiet_modules) {
  return code.size() + 2 * quiet_modules;
}

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_QR_DRAWING_H_
