// QR codes on a terminal: two modules to a character, with half blocks.
#ifndef PORTRAIT_CLIENT_CLI_QR_CODE_H_
#define PORTRAIT_CLIENT_CLI_QR_CODE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::cli {

enum class QrColors {
  kPlain,  // light modules are blocks: for a dark terminal
  kAnsi,   // black on white by escape sequences: for any terminal
};

// Lines of equal width with a quiet zone of four modules around the code, as
// ISO/IEC 18004 asks for. Each ends with a line break.
//
// Errors: INVALID_ARGUMENT: `text` is empty or too long for a QR code.
absl::StatusOr<std::string> DrawQrCode(absl::string_view text, QrColors colors);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_QR_CODE_H_
