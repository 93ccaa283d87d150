// GOWA (github.com/aldinokemal/go-whatsapp-web-multidevice): see gowa.md.
#include "server/http/compat/compat.h"
#include "server/http/json_build.h"

namespace portrait::http::compat {
namespace {

Reply With(int http_status, const std::string& code, const std::string& message,
           const std::string& results) {
  return {http_status, JsonObject({{"code", JsonText(code)},
                                   {"message", JsonText(message)},
                                   {"results", results}})};
}

Reply Failure(const Found& found) {
  const std::string& message = found.status.message();
  if (found.is_unknown_session()) {
    return With(404, "DEVICE_NOT_FOUND", message, "null");
  }
  if (found.is_invalid_contact()) {
    return With(400, "INVALID_JID", message, "null");
  }
  const int http_status = HttpStatusOfError(found.status);
  const char* code = http_status == 401   ? "UNAUTHORIZED"
                     : http_status == 429 ? "TOO_MANY_REQUESTS"
                     : http_status == 504 ? "GATEWAY_TIMEOUT"
                                          : "INTERNAL_SERVER_ERROR";
  return With(http_status, code, message, "null");
}

Reply Avatar(const Call& /*call*/, const Found& found) {
  if (!found.ok()) return Failure(found);
  if (found.url().empty()) {
    return With(500, "INTERNAL_SERVER_ERROR", "no avatar found", "null");
  }
  return With(200, "SUCCESS", "Success get avatar",
              JsonObject({{"url", JsonText(found.url())},
                          {"id", JsonText(found.picture.id())},
                          {"type", JsonText(found.type())}}));
}

Reply Exists(const Call& /*call*/, const Found& found) {
  if (!found.ok()) return Failure(found);
  return With(
      200, "SUCCESS", "Success check user",
      JsonObject({{"is_on_whatsapp", JsonBool(found.is_registered())}}));
}

}  // namespace

boost::asio::awaitable<void> AnswerGowa(Call& call) {
  Query query;
  query.contact = call.Parameter("phone");
  const absl::string_view device =
      call.exchange.request().Header("x-device-id");
  query.session =
      device.empty() ? call.Parameter("device_id") : std::string(device);
  if (call.Is("GET", {"user", "avatar"})) {
    if (call.IsTrue("is_preview")) query.size = v1::PICTURE_SIZE_PREVIEW;
    return AnswerOne(call, std::move(query), &Avatar);
  }
  if (call.Is("GET", {"user", "check"})) {
    query.size = v1::PICTURE_SIZE_NONE;
    return AnswerOne(call, std::move(query), &Exists);
  }
  return Send(call, With(404, "NOT_FOUND", "Not Found", "null"));
}

}  // namespace portrait::http::compat
