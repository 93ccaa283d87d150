// QR codes and their drawing on a terminal.
#ifndef PORTRAIT_CLIENT_CLI_QR_CODE_H_
#define PORTRAIT_CLIENT_CLI_QR_CODE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::cli {

// The quiet zone around a code, in modules. ISO/IEC 18004 requires 4; phones
// can read codes with 1 from a screen.
inline constexpr int kQuietModules = 4;
inline constexpr int kLeastQuietModules = 1;

// The modules of a QR code, in the smallest version that holds the text. The
// error correction level is L, which is enough for a screen. A value type.
class QrCode {
 public:
  // Errors: INVALID_ARGUMENT: `text` is empty or too long for a QR code.
  static absl::StatusOr<QrCode> Make(absl::string_view text);

  // The number of modules in a row, without the quiet zone.
  int size() const { return size_; }
  // Also false outside the code, because the quiet zone is light.
  bool IsDark(int x, int y) const {
    return x >= 0 && y >= 0 && x < size_ && y < size_ &&
           modules_[static_cast<size_t>(y * size_ + x)] != 0;
  }

 private:
  QrCode(int size, std::string modules)
      : size_(size), modules_(std::move(modules)) {}

  int size_;
  std::string modules_;  // one byte each, row by row; 0: light
};

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

#endif  // PORTRAIT_CLIENT_CLI_QR_CODE_H_
