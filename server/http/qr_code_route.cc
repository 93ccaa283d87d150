// The QR code of a pairing as a drawing, which any page or viewer can show.
#include "core/base/qr_code.h"
#include "portrait/v1/session.pb.h"
#include "server/http/gateway.h"
#include "server/http/http_errors.h"

namespace portrait::http {

bool IsQrCodeMethod(const google::protobuf::MethodDescriptor& method) {
  return method.output_type()->full_name() ==
         v1::GetPairingQrCodeResponse::descriptor()->full_name();
}

// It is secret and short-lived: like all responses, it is not to be stored.
Response QrCodeResponse(const std::string& message) {
  v1::GetPairingQrCodeResponse answer;
  if (!answer.ParseFromString(message)) {
    return ErrorResponse(absl::InternalError("the QR code is malformed"));
  }
  const absl::StatusOr<QrCode> code = QrCode::Make(answer.qr_code().text());
  if (!code.ok()) return ErrorResponse(code.status());
  Response response;
  response.content_type = "image/svg+xml";
  response.body = QrCodeSvg(*code);
  return response;
}

}  // namespace portrait::http
