#include "server/http/http_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "server/http/compat/dialects.h"
#include "server/http/gateway.h"
#include "server/http/http_errors.h"
#include "server/http/openapi.h"
#include "server/http/route_table.h"

namespace portrait::http {
namespace {

namespace asio = boost::asio;

constexpr absl::string_view kConnectPrefix = "/portrait.v1.";
constexpr absl::string_view kOpenApiPath = "/openapi.json";
constexpr absl::string_view kAllowedHeaders =
    "Authorization, Content-Type, Last-Event-ID, Connect-Protocol-Version, "
    "Connect-Timeout-Ms, Grpc-Timeout, If-None-Match, If-Range, Range, "
    "X-Grpc-Web, X-Request-Id, X-Server-Timeout, X-User-Agent, Traceparent";
constexpr absl::string_view kExposedHeaders =
    "Accept-Ranges, Content-Range, ETag, Retry-After, X-Request-Id, "
    "Traceparent, WWW-Authenticate";

// Adds the CORS headers to whatever a handler answers.
class CorsExchange final : public ForwardingExchange {
 public:
  CorsExchange(Exchange& exchange, std::string origin)
      : ForwardingExchange(exchange), origin_(std::move(origin)) {}

  asio::awaitable<absl::Status> Respond(Response response) override {
    AddTo(&response);
    return ForwardingExchange::Respond(std::move(response));
  }
  asio::awaitable<absl::Status> StartStream(Response head) override {
    AddTo(&head);
    return ForwardingExchange::StartStream(std::move(head));
  }

 private:
  void AddTo(Response* response) const {
    response->headers.emplace_back("Access-Control-Allow-Origin", origin_);
    response->headers.emplace_back("Access-Control-Expose-Headers",
                                   kExposedHeaders);
    response->headers.emplace_back("Vary", "Origin");
  }

  const std::string origin_;
};

class HttpService {
 public:
  HttpService(Channel channel, const HttpOptions& options,
              ConsoleBackend console)
      : channel_(std::move(channel)),
        allow_origins_(options.allow_origins),
        compat_(options.compat),
        console_(std::move(console),
                 [this](Exchange& exchange) { return Answer(exchange); }) {}

  asio::awaitable<void> Handle(Exchange& exchange) {
    // Pages of other origins may not use the console, so it has no CORS.
    if (IsConsolePath(exchange.request().path)) {
      return console_.Answer(exchange);
    }
    const std::string origin(exchange.request().Header("origin"));
    if (!IsAllowed(origin)) return Answer(exchange);
    return AnswerWithCors(exchange, origin);
  }

 private:
  bool IsAllowed(absl::string_view origin) const {
    return !origin.empty() &&
           std::any_of(allow_origins_.begin(), allow_origins_.end(),
                       [&](const std::string& one) {
                         return one == "*" || one == origin;
                       });
  }

  asio::awaitable<void> AnswerWithCors(Exchange& exchange,
                                       std::string origin) const {
    CorsExchange with_cors(exchange, std::move(origin));
    const Request& request = exchange.request();
    if (request.method == "OPTIONS" &&
        !request.Header("access-control-request-method").empty()) {
      Response response = PreflightResponse();
      (void)co_await with_cors.Respond(std::move(response));
      co_return;
    }
    co_await Answer(with_cors);
  }

  // A plain function, since each coroutine costs.
  asio::awaitable<void> Answer(Exchange& exchange) const {
    const Request& request = exchange.request();
    const RouteTable& table = RouteTable::Get();
    absl::string_view path = request.path;
    if (absl::ConsumePrefix(&path, "/") && request.method == "POST" &&
        absl::StartsWith(request.path, kConnectPrefix)) {
      if (const auto* const method = table.FindMethod(path)) {
        return IsGrpcWeb(request) ? AnswerGrpcWeb(channel_, *method, exchange)
                                  : AnswerConnect(channel_, *method, exchange);
      }
    }
    if (IsFixedPath(request.path)) return AnswerFixedPath(exchange);
    if (absl::StartsWith(request.path, kCompatPrefix)) {
      return AnswerCompat(channel_, compat_, exchange);
    }
    // HEAD is answered as GET is; the connection leaves out the body.
    const absl::string_view http_method =
        request.method == "HEAD" ? "GET" : absl::string_view(request.method);
    RouteTable::Found found = table.Find(http_method, request.path);
    if (found.route == nullptr) {
      return Send(NoRoute(request.method, std::move(found.allowed)), exchange);
    }
    return AnswerRoute(channel_, *found.route, std::move(found.variables),
                       exchange);
  }

  static asio::awaitable<void> Send(Response response, Exchange& exchange) {
    (void)co_await exchange.Respond(std::move(response));
  }

  static bool IsFixedPath(absl::string_view path) {
    return path == kOpenApiPath || path == kLivePath || path == kReadyPath;
  }

  asio::awaitable<void> AnswerFixedPath(Exchange& exchange) const {
    const Request& request = exchange.request();
    if (request.method != "GET" && request.method != "HEAD") {
      return Send(NoRoute(request.method, "GET, HEAD"), exchange);
    }
    if (request.path == kOpenApiPath) return Send(OpenApiResponse(), exchange);
    return AnswerHealth(channel_, exchange);
  }

  // GCC 12 may destroy the elements of an initializer list twice in a
  // coroutine, so plain functions make responses.
  static Response OpenApiResponse() {
    static const auto& document =
        *new std::string(OpenApiDocument(RouteTable::Get()));
    Response response;
    response.content_type = "application/json";
    response.body = document;
    return response;
  }

  static Response PreflightResponse() {
    Response response;
    response.status = 204;
    response.headers = {
        {"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE"},
        {"Access-Control-Allow-Headers", std::string(kAllowedHeaders)},
        {"Access-Control-Max-Age", "600"}};
    return response;
  }

  static Response NoRoute(absl::string_view http_method, std::string allowed) {
    if (allowed.empty()) {
      return ErrorResponse(absl::NotFoundError(
          "there is no such path; /openapi.json lists all of them, and drop-in "
          "dialects are served below /compat/"));
    }
    Response response;
    if (http_method == "OPTIONS") {
      response.status = 204;
    } else {
      response = ErrorResponse(
          absl::UnimplementedError(absl::StrCat("the path has ", allowed)),
          405);
    }
    response.headers.emplace_back("Allow", absl::StrCat(allowed, ", OPTIONS"));
    return response;
  }

  const Channel channel_;
  const std::vector<std::string> allow_origins_;
  const std::vector<std::string> compat_;  // names of dialects
  Console console_;
};

}  // namespace

Handler NewHttpService(Channel channel, const HttpOptions& options,
                       ConsoleBackend console) {
  const auto service = std::make_shared<HttpService>(
      std::move(channel), options, std::move(console));
  return [service](Exchange& exchange) { return service->Handle(exchange); };
}

}  // namespace portrait::http
