// wuzapi (github.com/asternic/wuzapi): see wuzapi.md.
#include "server/http/compat/compat.h"
#include "server/http/json_build.h"

namespace portrait::http::compat {
namespace {

Reply Error(int http_status, const std::string& message) {
  return {http_status, JsonObject({{"code", std::to_string(http_status)},
                                   {"error", JsonText(message)},
                                   {"success", "false"}})};
}

Reply Success(const std::string& data) {
  return {200,
          JsonObject({{"code", "200"}, {"data", data}, {"success", "true"}})};
}

Reply Failure(const google::rpc::Status& status) {
  const int http_status = HttpStatusOfError(status);
  return Error(http_status,
               http_status == 401 ? "Unauthorized" : status.message());
}

Reply Avatar(const Call& /*call*/, const Found& found) {
  if (!found.ok()) return Failure(found.status);
  if (found.url().empty()) return Error(500, "No avatar found");
  return Success(JsonObject({{"url", JsonText(found.url())},
                             {"id", JsonText(found.picture.id())},
                             {"type", JsonText(found.type())},
                             {"direct_path", JsonText(found.direct_path())}}));
}

Reply Users(const Call& call, const Checked& checked) {
  if (checked.status.code() != 0) return Failure(checked.status);
  const std::vector<std::string> phones = call.Members("Phone");
  std::vector<std::string> users;
  for (size_t i = 0; i < checked.found.size(); ++i) {
    const Found& found = checked.found[i];
    if (!found.ok() && !found.is_invalid_contact()) continue;
    users.push_back(JsonObject(
        {{"Query", JsonText(phones[i])},
         {"IsInWhatsapp", JsonBool(found.ok() && found.is_registered())},
         {"JID", JsonText(found.picture.jid())},
         {"VerifiedName", JsonText(found.picture.name())}}));
  }
  return Success(JsonObject({{"Users", JsonArray(users)}}));
}

}  // namespace

boost::asio::awaitable<void> AnswerWuzapi(Call& call) {
  if (call.Is("POST", {"user", "avatar"})) {
    Query query;
    query.contact = call.Member("Phone");
    if (call.has_body && query.contact.empty()) {
      return Send(call, Error(400, "Missing Phone in Payload"));
    }
    const auto preview = call.body.fields().find("Preview");
    if (preview != call.body.fields().end() && preview->second.bool_value()) {
      query.size = v1::PICTURE_SIZE_PREVIEW;
    }
    return AnswerOne(call, std::move(query), &Avatar);
  }
  if (call.Is("POST", {"user", "check"})) {
    std::vector<std::string> phones = call.Members("Phone");
    if (call.has_body && phones.empty()) {
      return Send(call, Error(400, "Missing Phone in Payload"));
    }
    return AnswerMany(call, std::move(phones), "", &Users);
  }
  return Send(call, Error(404, "Not Found"));
}

}  // namespace portrait::http::compat
