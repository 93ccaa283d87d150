// WUTS: see wuts.md.
#include "absl/time/clock.h"
#include "core/base/json_text.h"
#include "server/http/compat/compat.h"
#include "server/http/json_build.h"

namespace portrait::http::compat {
namespace {

JsonMembers ErrorMembers(const std::string& message, const std::string& code) {
  std::string now = JsonText(JsonTime(absl::Now()));
  return {{"success", "false"},
          {"error", JsonText(message)},
          {"error_code", JsonText(code)},
          {"timestamp", std::move(now)}};
}

const char* CodeOf(int http_status) {
  switch (http_status) {
    case 400:
      return "VALIDATION_ERROR";
    case 401:
      return "UNAUTHORIZED";
    case 403:
      return "FORBIDDEN";
    case 429:
      return "RATE_LIMITED";
    case 503:
      return "DEVICE_NOT_READY";
    case 504:
      return "TIMEOUT";
    default:
      return "INTERNAL_ERROR";
  }
}

// The parameter that names the contact.
const char* ContactField(const Call& call) {
  return call.Parameter("jid").empty() ? "number" : "jid";
}

Reply Failure(const Call& call, const Found& found) {
  const int http_status = HttpStatusOfError(found.status);
  JsonMembers members =
      ErrorMembers(found.status.message(), CodeOf(http_status));
  if (found.is_invalid_contact()) {
    const char* const field = ContactField(call);
    members.emplace_back(
        "validation",
        JsonArray({JsonObject({{"field", JsonText(field)},
                               {"message", JsonText(found.status.message())},
                               {"value", JsonText(call.Parameter(field))}})}));
  }
  return {http_status, JsonObject(members)};
}

Reply Picture(const Call& call, const Found& found) {
  if (!found.ok()) return Failure(call, found);
  const v1::ProfilePicture& picture = found.picture;
  JsonMembers data = {{"jid", JsonText(picture.jid())},
                      {"url", JsonTextOrNull(found.url())},
                      {"id", JsonTextOrNull(picture.id())},
                      {"type", JsonTextOrNull(found.type())},
                      {"direct_path", JsonTextOrNull(found.direct_path())}};
  if (picture.state() == v1::PICTURE_STATE_UNCHANGED) {
    data.emplace_back("unchanged", "true");
  }
  return {200, JsonObject({{"success", "true"}, {"data", JsonObject(data)}})};
}

}  // namespace

boost::asio::awaitable<void> AnswerWuts(Call& call) {
  if (!call.Is("GET", {"contacts", "profile-picture"})) {
    return Send(call,
                {404, JsonObject(ErrorMembers("Not Found", "NOT_FOUND"))});
  }
  Query query;
  query.contact = call.Parameter(ContactField(call));
  query.existing_id = call.Parameter("existing_id");
  query.size = call.Parameter("preview") == "false" ? v1::PICTURE_SIZE_FULL
                                                    : v1::PICTURE_SIZE_PREVIEW;
  return AnswerOne(call, std::move(query), &Picture);
}

}  // namespace portrait::http::compat
