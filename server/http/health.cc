// "/livez" and "/readyz", for load balancers and orchestrators; no token is
// needed, as for gRPC's health service.
#include <utility>

#include "grpc/health/v1/health.pb.h"
#include "server/http/gateway.h"
#include "server/http/http_errors.h"

namespace portrait::http {
namespace {

namespace asio = boost::asio;
namespace health = grpc::health::v1;

constexpr char kCheckMethod[] = "/grpc.health.v1.Health/Check";
constexpr char kLookups[] = "portrait.v1.ProfilePictureService";

Response HealthResponse(bool is_healthy) {
  Response response;
  response.status = is_healthy ? 200 : 503;
  response.content_type = "text/plain; charset=utf-8";
  response.body = is_healthy ? "ok\n" : "lookups are not served\n";
  return response;
}

bool IsServing(const UnaryAnswer& answer) {
  health::HealthCheckResponse response;
  return answer.status.ok() && response.ParseFromString(answer.message) &&
         response.status() == health::HealthCheckResponse::SERVING;
}

}  // namespace

asio::awaitable<void> AnswerHealth(Channel channel, Exchange& exchange) {
  bool is_healthy = true;
  if (exchange.request().path == kReadyPath) {
    health::HealthCheckRequest request;
    request.set_service(kLookups);
    CallOptions options;
    options.method = kCheckMethod;
    std::string message = request.SerializeAsString();
    const UnaryAnswer answer = co_await CallUnary(channel, std::move(options),
                                                  std::move(message), exchange);
    is_healthy = IsServing(answer);
  }
  Response response = HealthResponse(is_healthy);
  (void)co_await exchange.Respond(std::move(response));
}

}  // namespace portrait::http
