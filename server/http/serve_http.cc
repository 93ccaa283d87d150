#include "server/http/serve_http.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "server/http/http_service.h"

namespace portrait::http {

absl::StatusOr<std::unique_ptr<HttpServer>> ServeHttp(
    const HttpOptions& options, const ServerOptions& server,
    PortraitServer& grpc, std::shared_ptr<Connections> port) {
  if (port == nullptr) return nullptr;
  HttpServerOptions http;
  http.port = std::move(port);
  http.tls = server.tls;
  http.max_connections = options.max_connections;
  ConsoleBackend console;
  console.find_token = [&grpc](absl::string_view authorization,
                               v1::Right needed) {
    return grpc.FindToken(authorization, needed);
  };
  console.guard_findings = [&grpc] { return grpc.GuardFindings(); };
  console.picture_origin = options.picture_origin;
  Handler service = NewHttpService(Channel{grpc.NewInProcessChannel(), &grpc},
                                   options, std::move(console));
  ASSIGN_OR_RETURN(std::unique_ptr<HttpServer> started,
                   HttpServer::Start(std::move(http), std::move(service)));
  if (!absl::StartsWith(started->address(), "unix:")) {
    LogInfo("the console is at {}://{}/console/",
            server.tls.certificate.empty() ? "http" : "https",
            started->address());
  }
  return started;
}

}  // namespace portrait::http
