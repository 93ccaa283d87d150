// QR codes, of which each program makes its own drawing.
#ifndef PORTRAIT_CORE_BASE_QR_CODE_H_
#define PORTRAIT_CORE_BASE_QR_CODE_H_

#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

// The quiet zone around a code, in modules, that ISO/IEC 18004 requires.
inline constexpr int kQuietModules = 4;

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

// The content of an SVG file, in which a module is one unit, with the quiet
// zone.
std::string QrCodeSvg(const QrCode& code);

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_QR_CODE_H_
