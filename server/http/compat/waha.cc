// WAHA (waha.devlike.pro): see waha.md.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/http/compat/compat.h"
#include "server/http/json_build.h"

namespace portrait::http::compat {
namespace {

std::string ErrorBody(int http_status, const std::string& message) {
  return JsonObject({{"statusCode", std::to_string(http_status)},
                     {"message", JsonText(message)}});
}

// As WAHA's framework says it, and what is served instead.
std::string NoSuchPath(const Call& call) {
  return absl::StrCat("Cannot ", call.method, " /",
                      absl::StrJoin(call.path, "/"),
                      ": Portrait serves GET /api/contacts/profile-picture and "
                      "GET /api/contacts/check-exists of WAHA");
}

Reply Failure(const Call& call, const Found& found) {
  if (found.is_unknown_session()) {
    return {404, ErrorBody(404, "Session not found")};
  }
  const int http_status = HttpStatusOfError(found.status);
  if (http_status == 401 && call.token.empty()) {
    return {401, ErrorBody(401,
                           "Unauthorized: send a token of Portrait in the "
                           "header X-Api-Key")};
  }
  if (http_status != 503) {
    return {http_status, ErrorBody(http_status, found.status.message())};
  }
  // What WAHA answers while a session is not at work.
  return {422, JsonObject({{"error", JsonText(found.status.message())},
                           {"session", JsonText(call.Parameter("session"))},
                           {"status", "\"STOPPED\""},
                           {"expected", "[\"WORKING\"]"}})};
}

Reply Picture(const Call& call, const Found& found) {
  if (!found.ok()) return Failure(call, found);
  return {200,
          JsonObject({{"profilePictureURL", JsonTextOrNull(found.url())}})};
}

Reply Exists(const Call& call, const Found& found) {
  if (!found.ok()) return Failure(call, found);
  if (!found.is_registered()) return {200, "{\"numberExists\":false}"};
  const std::string id = JsonText(ChatId(found.picture.jid()));
  return {200,
          JsonObject({{"numberExists", "true"}, {"chatId", id}, {"pn", id}})};
}

}  // namespace

boost::asio::awaitable<void> AnswerWaha(Call& call) {
  Query query;
  query.session = call.Parameter("session");
  if (call.Is("GET", {"api", "contacts", "profile-picture"})) {
    query.contact = call.Parameter("contactId");
    query.refresh = call.IsTrue("refresh");
    return AnswerOne(call, std::move(query), &Picture);
  }
  if (call.Is("GET", {"api", "contacts", "check-exists"})) {
    query.contact = call.Parameter("phone");
    query.size = v1::PICTURE_SIZE_NONE;
    return AnswerOne(call, std::move(query), &Exists);
  }
  return Send(call, {404, ErrorBody(404, NoSuchPath(call))});
}

}  // namespace portrait::http::compat
