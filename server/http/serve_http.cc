#include "server/http/serve_http.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "server/http/http_service.h"
#include "server/listen_address.h"

namespace portrait::http {
namespace {

absl::Status CheckExposure(const ListenAddress& address,
                           const ServerOptions& server) {
  if (address.IsLocal() || server.behind_front ||
      !server.tls.client_ca.empty()) {
    return absl::OkStatus();
  }
  const bool encrypted = !server.tls.certificate.empty();
  const char* const tokens =
      encrypted ? "" : "; tokens would travel unencrypted";
  if (!server.insecure_listen) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--http-listen: other machines can connect to ", address.ToString(),
        tokens,
        ": use the front door (deploy/front) and --behind-front, or ask for "
        "client certificates with --tls-client-ca, or accept this with "
        "--insecure-listen"));
  }
  LogWarning("--insecure-listen: other machines can connect to {}{}",
             address.ToString(), tokens);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> ServeHttp(
    const HttpOptions& options, const ServerOptions& server,
    PortraitServer& grpc) {
  if (options.listen.empty()) return nullptr;
  absl::StatusOr<ListenAddress> address = ParseListenAddress(options.listen);
  if (!address.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--http-listen: ", address.status().message()));
  }
  RETURN_IF_ERROR(CheckExposure(*address, server));
  HttpServerOptions http;
  http.listen = options.listen;
  http.tls = server.tls;
  http.max_connections = options.max_connections;
  http.reserved_descriptors = server.reserved_descriptors;
  return HttpServer::Start(std::move(http),
                           NewHttpService(grpc.NewInProcessChannel(), options));
}

}  // namespace portrait::http
