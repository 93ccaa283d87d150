// Evolution API (doc.evolution-api.com): see evolution.md.
#include "absl/strings/str_cat.h"
#include "server/http/compat/compat.h"
#include "server/http/http_message.h"
#include "server/http/json_build.h"

namespace portrait::http::compat {
namespace {

std::string ErrorBody(int http_status, const std::string& message) {
  return JsonObject(
      {{"status", std::to_string(http_status)},
       {"error", JsonText(ReasonPhrase(http_status))},
       {"response",
        JsonObject({{"message", JsonArray({JsonText(message)})}})}});
}

Reply Failure(const Call& call, const google::rpc::Status& status) {
  Found failed;
  failed.status = status;
  if (failed.is_unknown_session()) {
    return {404, ErrorBody(404, absl::StrCat("The \"", call.path.back(),
                                             "\" instance does not exist"))};
  }
  const int http_status = HttpStatusOfError(status);
  return {http_status, ErrorBody(http_status, status.message())};
}

Reply Picture(const Call& call, const Found& found) {
  if (!found.ok()) return Failure(call, found.status);
  return {200,
          JsonObject({{"wuid", JsonText(found.picture.jid())},
                      {"profilePictureUrl", JsonTextOrNull(found.url())}})};
}

// One element of the answer for several numbers.
std::string NumberJson(const std::string& number, const Found& found) {
  JsonMembers members = {
      {"jid", JsonText(found.picture.jid())},
      {"exists", JsonBool(found.ok() && found.is_registered())},
      {"number", JsonText(number)}};
  if (!found.picture.name().empty()) {
    members.emplace_back("name", JsonText(found.picture.name()));
  }
  if (!found.picture.lid().empty()) {
    members.emplace_back("lid", JsonText(found.picture.lid()));
  }
  return JsonObject(members);
}

Reply Numbers(const Call& call, const Checked& checked) {
  if (checked.status.code() != 0) return Failure(call, checked.status);
  const std::vector<std::string> numbers = call.Members("numbers");
  std::vector<std::string> values;
  for (size_t i = 0; i < checked.found.size(); ++i) {
    const Found& found = checked.found[i];
    if (!found.ok() && !found.is_invalid_contact()) continue;
    values.push_back(NumberJson(numbers[i], found));
  }
  return {200, JsonArray(values)};
}

bool IsOpen(const v1::Session& session) {
  return session.state() == v1::SESSION_STATE_READY ||
         session.state() == v1::SESSION_STATE_PAUSED ||
         session.state() == v1::SESSION_STATE_THROTTLED;
}

Reply Instances(const Call& call, const Accounts& accounts) {
  if (accounts.status.code() != 0) return Failure(call, accounts.status);
  const std::string wanted = call.Parameter("instanceName");
  std::vector<std::string> values;
  for (const v1::Session& session : accounts.sessions) {
    if (!wanted.empty() && session.session() != wanted) continue;
    values.push_back(JsonObject(
        {{"id", JsonText(session.session())},
         {"name", JsonText(session.session())},
         {"connectionStatus", IsOpen(session) ? "\"open\"" : "\"close\""},
         {"ownerJid", JsonTextOrNull(session.jid())},
         {"profileName", JsonTextOrNull(session.push_name())}}));
  }
  if (!wanted.empty() && values.empty()) {
    return {404, ErrorBody(
                     404, absl::StrCat("Instance \"", wanted, "\" not found"))};
  }
  return {200, JsonArray(values)};
}

}  // namespace

boost::asio::awaitable<void> AnswerEvolution(Call& call) {
  if (call.Is("POST", {"chat", "fetchProfilePictureUrl", "*"})) {
    Query query;
    query.contact = call.Member("number");
    query.session = call.path[2];
    return AnswerOne(call, std::move(query), &Picture);
  }
  if (call.Is("POST", {"chat", "whatsappNumbers", "*"})) {
    std::vector<std::string> numbers = call.Members("numbers");
    if (call.has_body && numbers.empty()) {
      return Send(call,
                  {400, ErrorBody(400, "numbers: expected at least one")});
    }
    return AnswerMany(call, std::move(numbers), call.path[2], &Numbers);
  }
  if (call.Is("GET", {"instance", "fetchInstances"})) {
    return AnswerAccounts(call, &Instances);
  }
  return Send(call, {404, ErrorBody(404, "Cannot find this route")});
}

}  // namespace portrait::http::compat
