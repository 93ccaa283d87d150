// Hypersender (hypersender.com): see hypersender.md.
#include "server/http/compat/compat.h"
#include "server/http/json_build.h"

namespace portrait::http::compat {
namespace {

Reply Failure(const Found& found) {
  const std::string message = JsonText(found.status.message());
  if (found.is_invalid_contact()) {
    return {422,
            JsonObject(
                {{"message", message},
                 {"errors", JsonObject({{"chat_id", JsonArray({message})}})}})};
  }
  return {found.is_unknown_session() ? 404 : HttpStatusOfError(found.status),
          JsonObject({{"message", message}})};
}

Reply Picture(const Call& /*call*/, const Found& found) {
  if (!found.ok()) return Failure(found);
  const char* const message = found.url().empty()
                                  ? "Profile picture not available."
                                  : "Profile picture retrieved successfully.";
  return {200,
          JsonObject({{"message", JsonText(message)},
                      {"data", JsonObject({{"profilePictureURL",
                                            JsonTextOrNull(found.url())}})}})};
}

}  // namespace

boost::asio::awaitable<void> AnswerHypersender(Call& call) {
  if (!call.Is("GET",
               {"api", "whatsapp", "v2", "*", "contacts", "profile-picture"})) {
    return Send(call, {404, JsonObject({{"message", "\"Not Found\""}})});
  }
  Query query;
  query.contact = call.Parameter("chat_id");
  query.session = call.path[3];
  return AnswerOne(call, std::move(query), &Picture);
}

}  // namespace portrait::http::compat
