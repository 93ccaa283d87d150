// ProfilePic: see profilepic.md.
#include "absl/strings/strip.h"
#include "core/base/json_text.h"
#include "core/base/proto_time.h"
#include "server/http/compat/compat.h"
#include "server/http/json_build.h"

namespace portrait::http::compat {
namespace {

Reply Error(int http_status, const std::string& message) {
  return {http_status,
          JsonObject({{"success", "false"}, {"error", JsonText(message)}})};
}

Reply Picture(const Call& /*call*/, const Found& found) {
  if (!found.ok()) {
    return Error(HttpStatusOfError(found.status), found.status.message());
  }
  const v1::ProfilePicture& picture = found.picture;
  absl::string_view number = picture.phone_number();
  absl::ConsumePrefix(&number, "+");
  return {200, JsonObject(
                   {{"success", "true"},
                    {"isWhatsApp", JsonBool(found.is_registered())},
                    {"number", JsonText(number)},
                    {"profilePic", JsonTextOrNull(picture.url())},
                    {"profilePicThumb", JsonTextOrNull(picture.preview_url())},
                    {"name", JsonTextOrNull(picture.name())},
                    {"isBusiness", JsonBool(picture.is_business())},
                    {"lastChecked",
                     JsonText(JsonTime(FromProto(picture.check_time())))}})};
}

}  // namespace

boost::asio::awaitable<void> AnswerProfilePic(Call& call) {
  if (!call.Is("GET", {"profile-picture", "*"})) {
    return Send(call, Error(404, "Not Found"));
  }
  Query query;
  query.contact = call.path[1];
  query.size = v1::PICTURE_SIZE_BOTH;
  return AnswerOne(call, std::move(query), &Picture);
}

}  // namespace portrait::http::compat
