// QR codes as image files, for small terminals and for web pages.
#ifndef PORTRAIT_CLIENT_CLI_QR_IMAGE_H_
#define PORTRAIT_CLIENT_CLI_QR_IMAGE_H_

#include <string>

#include "client/cli/qr_code.h"

namespace portrait::cli {

// The content of a PNG file: black and white, 8 pixels per module, with the
// quiet zone of ISO/IEC 18004.
std::string QrCodePng(const QrCode& code);

// The content of an SVG file, in which a module is one unit.
std::string QrCodeSvg(const QrCode& code);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_QR_IMAGE_H_
