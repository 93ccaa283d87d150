// QR codes as image files, for small terminals.
#ifndef PORTRAIT_CLIENT_CLI_QR_IMAGE_H_
#define PORTRAIT_CLIENT_CLI_QR_IMAGE_H_

#include <string>

#include "core/base/qr_code.h"

namespace portrait::cli {

// The content of a PNG file: black and white, 8 pixels per module, with the
// quiet zone of ISO/IEC 18004.
std::string QrCodePng(const QrCode& code);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_QR_IMAGE_H_
