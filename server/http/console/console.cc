#include "server/http/console/console.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "core/access/token.h"
#include "core/base/json_text.h"
#include "core/base/telemetry.h"
#include "google/protobuf/struct.pb.h"
#include "server/http/console/page_files.h"
#include "server/http/http_errors.h"
#include "server/http/json.h"
#include "server/http/json_build.h"

namespace portrait::http {
namespace {

namespace asio = boost::asio;

constexpr absl::string_view kPage = "/console";
constexpr absl::string_view kApi = "/console/api/";
constexpr absl::string_view kRoutes = "/console/api/v1/";
constexpr size_t kMaxSignInBytes = 4096;

// The port is part of the name: cookies of servers on one host share a jar.
std::string CookieName(const Request& request) {
  const absl::string_view host = request.Header("host");
  const size_t colon = host.rfind(':');
  std::string name = "portrait_console";
  if (colon == absl::string_view::npos) return name;
  const absl::string_view port = host.substr(colon + 1);
  if (port.empty() || port.size() > 5) return name;
  for (const char c : port) {
    if (!absl::ascii_isdigit(c)) return name;
  }
  return absl::StrCat(name, "_", port);
}

std::string CookieOf(const Request& request) {
  const std::string name = CookieName(request);
  for (const auto& [header, value] : request.headers) {
    if (header != "cookie") continue;
    for (absl::string_view pair : absl::StrSplit(value, ';')) {
      pair = absl::StripAsciiWhitespace(pair);
      if (absl::ConsumePrefix(&pair, name) && absl::ConsumePrefix(&pair, "=")) {
        return std::string(pair);
      }
    }
  }
  return "";
}

// Scripts cannot read it, and no request that another site starts carries it.
std::string SetCookie(const Request& request, absl::string_view value) {
  const bool is_https =
      request.is_tls || request.Header("x-forwarded-proto") == "https";
  return absl::StrCat(CookieName(request), "=", value, "; Path=", kApi,
                      "; HttpOnly; SameSite=Strict", is_https ? "; Secure" : "",
                      value.empty() ? "; Max-Age=0" : "");
}

// A page of another site can neither set this header, since CORS does not allow
// it, nor hide where it comes from.
bool IsFromOurPage(const Request& request) {
  const absl::string_view site = request.Header("sec-fetch-site");
  return request.Header("x-portrait-console") == "1" &&
         (site.empty() || site == "same-origin");
}

Response NotFromOurPage() {
  return ErrorResponse(absl::PermissionDeniedError(
      "only the console's own page may call /console/api/: use the same path "
      "without /console/api and with an Authorization header"));
}

absl::Status NotSignedIn() {
  return absl::UnauthenticatedError(
      "you are not signed in: the console signs you out after 12 hours without "
      "use and when portraitd restarts");
}

std::string Bearer(absl::string_view token) {
  return absl::StrCat("Bearer ", token);
}

Response TokenResponse(const v1::Token& token) {
  const absl::StatusOr<std::string> json = WriteJson(token);
  return json.ok() ? JsonResponse(*json) : ErrorResponse(json.status());
}

std::string JsonOf(const GuardFinding& finding) {
  return JsonObject({{"tenant", JsonText(finding.tenant)},
                     {"sign", JsonText(finding.sign)},
                     {"foundAt", JsonText(JsonTime(finding.found_at))},
                     {"pausedUntil", JsonText(JsonTime(finding.paused_until))},
                     {"refused", absl::StrCat(finding.refused)}});
}

// A request with the token that its cookie stands for.
class SignedInExchange final : public ForwardingExchange {
 public:
  SignedInExchange(Exchange& exchange, absl::string_view token,
                   std::function<void()> on_refused)
      : ForwardingExchange(exchange), on_refused_(std::move(on_refused)) {
    const Request& from = exchange.request();
    request_.method = from.method;
    request_.path = absl::StrCat("/", from.path.substr(kApi.size()));
    request_.query = from.query;
    request_.is_tls = from.is_tls;
    for (const auto& [name, value] : from.headers) {
      if (name == "cookie" || name == "authorization") continue;
      request_.headers.emplace_back(name, value);
    }
    request_.headers.emplace_back("authorization", Bearer(token));
  }

  const Request& request() const override { return request_; }
  asio::awaitable<absl::Status> Respond(Response response) override {
    if (response.status == 401) on_refused_();
    return ForwardingExchange::Respond(std::move(response));
  }

 private:
  const std::function<void()> on_refused_;
  Request request_;
};

}  // namespace

bool IsConsolePath(absl::string_view path) {
  return path == kPage || absl::StartsWith(path, "/console/");
}

Console::Console(ConsoleBackend backend, Handler api)
    : backend_(std::move(backend)),
      api_(std::move(api)),
      policy_(PagePolicy(backend_.picture_origin)) {}

asio::awaitable<void> Console::Answer(Exchange& exchange) {
  const Request& request = exchange.request();
  const absl::string_view path = request.path;
  Response response;
  if (!absl::StartsWith(path, kApi)) {
    response = PageResponse(request, policy_);
  } else if (path == "/console/api/links" && request.method == "POST") {
    response = LinkResponse(request);
  } else if (!IsFromOurPage(request)) {
    response = NotFromOurPage();
  } else if (absl::StartsWith(path, kRoutes)) {
    co_await AnswerApi(exchange);
    co_return;
  } else if (path == "/console/api/session" && request.method == "POST") {
    co_await SignIn(exchange);
    co_return;
  } else if (path == "/console/api/session" && request.method == "GET") {
    response = SessionResponse(request);
  } else if (path == "/console/api/session" && request.method == "DELETE") {
    response = SignOutResponse(request);
  } else if (path == "/console/api/guard" && request.method == "GET") {
    response = GuardResponse(request);
  } else {
    response = ErrorResponse(absl::NotFoundError("there is no such path"));
  }
  (void)co_await exchange.Respond(std::move(response));
}

asio::awaitable<void> Console::AnswerApi(Exchange& exchange) {
  const std::string cookie = CookieOf(exchange.request());
  const std::optional<std::string> token = sign_ins_.TokenOf(cookie);
  if (!token.has_value()) {
    (void)co_await exchange.Respond(ErrorResponse(NotSignedIn()));
    co_return;
  }
  SignedInExchange signed_in(exchange, *token,
                             [this, cookie] { sign_ins_.End(cookie); });
  co_await api_(signed_in);
}

asio::awaitable<void> Console::SignIn(Exchange& exchange) {
  auto body = co_await ReadWholeBody(exchange, kMaxSignInBytes);
  Response response = body.ok() ? SignedInResponse(exchange.request(), *body)
                                : BodyErrorResponse(body.status());
  (void)co_await exchange.Respond(std::move(response));
}

Response Console::SignedInResponse(const Request& request,
                                   const std::string& body) {
  google::protobuf::Struct message;
  const absl::Status read = ReadJson(body, UnknownFields::kRefuse, &message);
  if (!read.ok()) return ErrorResponse(read);
  const auto member = [&](const char* name) -> std::string {
    const auto found = message.fields().find(name);
    return found == message.fields().end() ? "" : found->second.string_value();
  };
  std::string token = member("token");
  if (const std::string code = member("link"); !code.empty()) {
    std::optional<std::string> of_link = sign_ins_.UseLink(code);
    if (!of_link.has_value()) {
      return ErrorResponse(absl::UnauthenticatedError(
          "this sign-in link has been used or has expired: sign in with a "
          "token, or ask for a new link"));
    }
    token = *std::move(of_link);
  }
  const absl::StatusOr<v1::Token> found =
      backend_.find_token(Bearer(token), v1::RIGHT_UNSPECIFIED);
  if (!found.ok()) return ErrorResponse(found.status());
  LogInfo("console: tenant {} signed in with token {}", found->tenant(),
          found->token_id());
  Response response = TokenResponse(*found);
  sign_ins_.End(CookieOf(request));
  response.headers.emplace_back(
      "Set-Cookie",
      SetCookie(request, sign_ins_.Start(token, found->tenant())));
  return response;
}

Response Console::SessionResponse(const Request& request) {
  const std::string cookie = CookieOf(request);
  const std::optional<std::string> token = sign_ins_.TokenOf(cookie);
  if (!token.has_value()) return ErrorResponse(NotSignedIn());
  const absl::StatusOr<v1::Token> found =
      backend_.find_token(Bearer(*token), v1::RIGHT_UNSPECIFIED);
  if (found.ok()) return TokenResponse(*found);
  sign_ins_.End(cookie);
  return ErrorResponse(found.status());
}

Response Console::SignOutResponse(const Request& request) {
  sign_ins_.End(CookieOf(request));
  Response response;
  response.status = 204;
  response.headers = {{"Set-Cookie", SetCookie(request, "")}};
  return response;
}

Response Console::LinkResponse(const Request& request) {
  const absl::string_view authorization = request.Header("authorization");
  const absl::StatusOr<absl::string_view> token = ParseBearer(authorization);
  if (!token.ok()) return ErrorResponse(token.status());
  const absl::StatusOr<v1::Token> found =
      backend_.find_token(authorization, v1::RIGHT_UNSPECIFIED);
  if (!found.ok()) return ErrorResponse(found.status());
  const std::string code = sign_ins_.MakeLink(*token, found->tenant());
  // A browser sends what follows the number sign to no server.
  return JsonResponse(JsonObject(
      {{"path", JsonText(absl::StrCat("/console/#link=", code))},
       {"expireTime", JsonText(JsonTime(absl::Now() + kLinkLife))}}));
}

Response Console::GuardResponse(const Request& request) {
  const std::optional<std::string> token = sign_ins_.TokenOf(CookieOf(request));
  if (!token.has_value()) return ErrorResponse(NotSignedIn());
  const absl::StatusOr<v1::Token> found =
      backend_.find_token(Bearer(*token), v1::RIGHT_ADMIN);
  if (!found.ok()) return ErrorResponse(found.status());
  std::vector<std::string> findings;
  for (const GuardFinding& finding : backend_.guard_findings()) {
    findings.push_back(JsonOf(finding));
  }
  return JsonResponse(JsonObject({{"findings", JsonArray(findings)}}));
}

}  // namespace portrait::http
