// Wawp (wawp.net): see wawp.md.
#include "server/http/compat/compat.h"
#include "server/http/http_message.h"
#include "server/http/json_build.h"

namespace portrait::http::compat {
namespace {

Reply Error(int http_status, const std::string& message) {
  return {http_status,
          JsonObject({{"status", std::to_string(http_status)},
                      {"message", JsonText(message)},
                      {"error", JsonText(ReasonPhrase(http_status))}})};
}

Reply Picture(const Call& /*call*/, const Found& found) {
  if (!found.ok()) {
    return Error(
        found.is_unknown_session() ? 404 : HttpStatusOfError(found.status),
        found.status.message());
  }
  if (found.url().empty()) return Error(404, "Profile picture not found");
  return {200, JsonObject({{"id", JsonText(ChatId(found.picture.jid()))},
                           {"url", JsonText(found.url())}})};
}

}  // namespace

boost::asio::awaitable<void> AnswerWawp(Call& call) {
  if (!call.Is("GET", {"v2", "contacts", "profile-picture"})) {
    return Send(call, Error(404, "Not Found"));
  }
  Query query;
  query.contact = call.Parameter("contactId");
  query.session = call.Parameter("instance_id");
  query.refresh = call.IsTrue("refresh");
  return AnswerOne(call, std::move(query), &Picture);
}

}  // namespace portrait::http::compat
