#include "server/http/compat/compat.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/rpc/error_details.pb.h"
#include "server/http/compat/dialects.h"
#include "server/http/gateway.h"
#include "server/http/http_errors.h"
#include "server/http/json.h"
#include "server/rpc_status.h"

namespace portrait::http {
namespace compat {
namespace {

namespace asio = boost::asio;

constexpr char kPictures[] = "/portrait.v1.ProfilePictureService/";
// A thousand numbers have 30 kB.
constexpr size_t kMaxCompatBodyBytes = 128 << 10;
constexpr double kMaxNumber = 1e15;  // E.164 has 15 digits

bool HasCode(const google::rpc::Status& status, absl::StatusCode code) {
  return status.code() == static_cast<int>(code);
}

// Whether an error of the request is about the field.
bool IsAbout(const google::rpc::Status& status, absl::string_view field) {
  google::rpc::BadRequest request;
  for (const auto& detail : status.details()) {
    if (!detail.UnpackTo(&request)) continue;
    for (const auto& violation : request.field_violations()) {
      if (violation.field() == field) return true;
    }
  }
  return false;
}

std::string TextOf(const google::protobuf::Value& value) {
  if (value.has_string_value()) return value.string_value();
  // A phone number; others are not exact, or do not fit.
  if (!value.has_number_value()) return "";
  const double number = value.number_value();
  if (number < 0 || number > kMaxNumber || number != std::floor(number)) {
    return "";
  }
  return absl::StrCat(static_cast<int64_t>(number));
}

// A token in any of the places where the dialects have one.
std::string TokenOf(const Request& request, const Fields& query) {
  absl::string_view value = request.Header("authorization");
  if (absl::StartsWithIgnoreCase(value, "Bearer ")) {
    return std::string(absl::StripAsciiWhitespace(value.substr(7)));
  }
  std::string pair;
  if (absl::StartsWithIgnoreCase(value, "Basic ") &&
      absl::Base64Unescape(absl::StripAsciiWhitespace(value.substr(6)),
                           &pair)) {
    return pair.substr(pair.find(':') + 1);
  }
  for (const char* name : {"x-api-key", "apikey", "token", "access-token"}) {
    value = request.Header(name);
    if (!value.empty()) return std::string(value);
  }
  for (const char* name : {"access_token", "token"}) {
    value = FieldOf(query, name);
    if (!value.empty()) return std::string(value);
  }
  return "";
}

// The call of a method with the dialect's token.
CallOptions OptionsOf(const Call& call, std::string path) {
  CallOptions options;
  options.method = std::move(path);
  if (!call.token.empty() &&
      std::all_of(call.token.begin(), call.token.end(), absl::ascii_isgraph)) {
    options.metadata.emplace_back("authorization",
                                  absl::StrCat("Bearer ", call.token));
  }
  return options;
}

asio::awaitable<UnaryAnswer> CallMethod(Call& call, std::string path,
                                        const google::protobuf::Message& in) {
  CallOptions options = OptionsOf(call, std::move(path));
  std::string request = in.SerializeAsString();
  co_return co_await CallUnary(call.channel, std::move(options),
                               std::move(request), call.exchange);
}

void SetSession(const std::string& session, v1::LookupOptions* options) {
  if (session != "default") options->set_session(session);
}

v1::GetProfilePictureRequest RequestOf(Query query) {
  v1::GetProfilePictureRequest request;
  request.set_contact(std::move(query.contact));
  request.set_existing_id(std::move(query.existing_id));
  request.mutable_options()->set_size(query.size);
  SetSession(query.session, request.mutable_options());
  if (query.refresh) request.mutable_options()->mutable_max_age();
  return request;
}

v1::BatchGetProfilePicturesRequest RequestOf(std::vector<std::string> contacts,
                                             const std::string& session) {
  v1::BatchGetProfilePicturesRequest request;
  request.mutable_options()->set_size(v1::PICTURE_SIZE_NONE);
  SetSession(session, request.mutable_options());
  for (std::string& contact : contacts) {
    request.add_items()->set_contact(std::move(contact));
  }
  return request;
}

Found FoundIn(const UnaryAnswer& answer) {
  Found found;
  found.status = StatusOf(answer.status);
  v1::GetProfilePictureResponse response;
  if (found.ok() && response.ParseFromString(answer.message)) {
    found.picture.Swap(response.mutable_profile_picture());
  }
  return found;
}

Checked CheckedIn(const UnaryAnswer& answer) {
  Checked checked;
  checked.status = StatusOf(answer.status);
  v1::BatchGetProfilePicturesResponse response;
  if (!response.ParseFromString(answer.message)) return checked;
  for (v1::EnrichResult& result : *response.mutable_results()) {
    Found found;
    if (result.has_error()) {
      found.status = StatusOf(ToStatus(result.error()));
    } else {
      found.picture.Swap(result.mutable_profile_picture());
    }
    // The dialects have no place for one contact's error.
    if (!found.ok() && !found.is_refused()) {
      checked.status = found.status;
      return checked;
    }
    checked.found.push_back(std::move(found));
  }
  return checked;
}

Accounts AccountsIn(const UnaryAnswer& answer) {
  Accounts accounts;
  accounts.status = StatusOf(answer.status);
  v1::ListSessionsResponse response;
  if (!response.ParseFromString(answer.message)) return accounts;
  accounts.sessions.assign(response.sessions().begin(),
                           response.sessions().end());
  return accounts;
}

Response ResponseOf(Reply reply, const google::rpc::Status& status) {
  Response response;
  response.status = reply.http_status;
  response.content_type = "application/json";
  response.headers = HeadersOf(status);
  response.body = std::move(reply.json);
  return response;
}

struct Dialect {
  const char* name;
  asio::awaitable<void> (*answer)(Call& call);
};

constexpr Dialect kDialects[] = {
    {"evolution", &AnswerEvolution},
    {"gowa", &AnswerGowa},
    {"hypersender", &AnswerHypersender},
    {"profilepic", &AnswerProfilePic},
    {"waha", &AnswerWaha},
    {"wawp", &AnswerWawp},
    {"wuts", &AnswerWuts},
    {"wuzapi", &AnswerWuzapi},
};

}  // namespace

bool Call::Is(absl::string_view http_method,
              const std::vector<absl::string_view>& parts) const {
  if (method != http_method || path.size() != parts.size()) return false;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] != "*" && parts[i] != path[i]) return false;
  }
  return true;
}

std::string Call::Parameter(absl::string_view name) const {
  return std::string(FieldOf(query, name));
}

bool Call::IsTrue(absl::string_view name) const {
  return absl::EqualsIgnoreCase(FieldOf(query, name), "true");
}

std::string Call::Member(const std::string& name) const {
  const auto found = body.fields().find(name);
  return found == body.fields().end() ? "" : TextOf(found->second);
}

std::vector<std::string> Call::Members(const std::string& name) const {
  std::vector<std::string> texts;
  const auto found = body.fields().find(name);
  if (found == body.fields().end()) return texts;
  for (const auto& value : found->second.list_value().values()) {
    texts.push_back(TextOf(value));
  }
  return texts;
}

bool Found::is_unknown_session() const {
  return HasCode(status, absl::StatusCode::kNotFound) ||
         IsAbout(status, "options.session");
}

std::string Found::type() const {
  return is_preview() ? "preview" : picture.type();
}

std::string Found::direct_path() const {
  if (!is_preview()) return picture.direct_path();
  const absl::string_view url = picture.preview_url();
  const size_t host = url.find("://");
  if (host == absl::string_view::npos) return "";
  const size_t path = url.find('/', host + 3);
  return path == absl::string_view::npos ? "" : std::string(url.substr(path));
}

bool Found::is_refused() const {
  return HasCode(status, absl::StatusCode::kInvalidArgument) ||
         HasCode(status, absl::StatusCode::kPermissionDenied);
}

bool Found::is_invalid_contact() const { return IsAbout(status, "contact"); }

asio::awaitable<void> AnswerOne(Call& call, Query query,
                                Reply (*reply)(const Call&, const Found&)) {
  const v1::GetProfilePictureRequest request = RequestOf(std::move(query));
  std::string method = absl::StrCat(kPictures, "GetProfilePicture");
  const UnaryAnswer answer =
      co_await CallMethod(call, std::move(method), request);
  const Found found = FoundIn(answer);
  Response response = ResponseOf(reply(call, found), found.status);
  (void)co_await call.exchange.Respond(std::move(response));
}

asio::awaitable<void> AnswerMany(Call& call, std::vector<std::string> contacts,
                                 std::string session,
                                 Reply (*reply)(const Call&, const Checked&)) {
  const v1::BatchGetProfilePicturesRequest request =
      RequestOf(std::move(contacts), session);
  std::string method = absl::StrCat(kPictures, "BatchGetProfilePictures");
  const UnaryAnswer answer =
      co_await CallMethod(call, std::move(method), request);
  const Checked checked = CheckedIn(answer);
  Response response = ResponseOf(reply(call, checked), checked.status);
  (void)co_await call.exchange.Respond(std::move(response));
}

asio::awaitable<void> AnswerAccounts(Call& call,
                                     Reply (*reply)(const Call&,
                                                    const Accounts&)) {
  const v1::ListSessionsRequest request;
  std::string method = "/portrait.v1.SessionService/ListSessions";
  const UnaryAnswer answer =
      co_await CallMethod(call, std::move(method), request);
  const Accounts accounts = AccountsIn(answer);
  Response response = ResponseOf(reply(call, accounts), accounts.status);
  (void)co_await call.exchange.Respond(std::move(response));
}

asio::awaitable<void> Send(Call& call, Reply reply) {
  Response response = ResponseOf(std::move(reply), google::rpc::Status());
  (void)co_await call.exchange.Respond(std::move(response));
}

int HttpStatusOfError(const google::rpc::Status& status) {
  if (HasCode(status, absl::StatusCode::kFailedPrecondition)) return 503;
  return HttpStatusOf(status.code());
}

std::string ChatId(absl::string_view jid) {
  if (absl::ConsumeSuffix(&jid, "@s.whatsapp.net")) {
    return absl::StrCat(jid, "@c.us");
  }
  return std::string(jid);
}

}  // namespace compat

boost::asio::awaitable<void> AnswerCompat(
    Channel channel, const std::vector<std::string>& enabled,
    Exchange& exchange) {
  const Request& request = exchange.request();
  absl::string_view rest = request.path;
  absl::ConsumePrefix(&rest, kCompatPrefix);
  std::vector<std::string> parts;
  bool is_valid = true;
  for (const absl::string_view part : absl::StrSplit(rest, '/')) {
    std::optional<std::string> decoded = DecodePercent(part);
    is_valid &= decoded.has_value();
    parts.push_back(decoded.value_or(""));
  }
  const compat::Dialect* dialect = nullptr;
  for (const compat::Dialect& one : compat::kDialects) {
    const bool is_enabled =
        std::find(enabled.begin(), enabled.end(), one.name) != enabled.end();
    if (is_enabled && parts[0] == one.name) dialect = &one;
  }
  std::optional<Fields> query = ParseQuery(request.query);
  if (dialect == nullptr || !is_valid || !query.has_value()) {
    Response refusal = ErrorResponse(absl::NotFoundError(
        "there is no such path, or its dialect is not in --http-compat"));
    (void)co_await exchange.Respond(std::move(refusal));
    co_return;
  }
  compat::Call call(std::move(channel), exchange);
  call.method = request.method;
  if (call.method == "HEAD") call.method = "GET";
  call.path.assign(parts.begin() + 1, parts.end());
  call.query = *std::move(query);
  call.token = compat::TokenOf(request, call.query);
  if (call.method == "POST") {
    const CallOptions options = compat::OptionsOf(call, /*path=*/"");
    const auto body = co_await ReadCallBody(
        call.channel, options, compat::kMaxCompatBodyBytes, exchange);
    absl::Status read = body.status();
    if (read.ok() && body->has_value()) {
      call.has_body = true;
      read = ReadJson(**body, UnknownFields::kIgnore, &call.body);
    }
    if (!read.ok()) {
      Response refusal = BodyErrorResponse(read);
      (void)co_await exchange.Respond(std::move(refusal));
      co_return;
    }
  }
  co_await dialect->answer(call);
}

}  // namespace portrait::http
