// Starts the HTTP port of portraitd.
#ifndef PORTRAIT_SERVER_HTTP_SERVE_HTTP_H_
#define PORTRAIT_SERVER_HTTP_SERVE_HTTP_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/connections.h"
#include "server/http/http_options.h"
#include "server/http/http_server.h"
#include "server/server.h"

namespace portrait::http {

// Serves `grpc` over HTTP on `port`, which stays open afterwards; null if there
// is none. `grpc` must outlive the HTTP server, and must not be drained before
// StopAccepting.
//
// Errors: those of HttpServer::Start.
absl::StatusOr<std::unique_ptr<HttpServer>> ServeHttp(
    const HttpOptions& options, const ServerOptions& server,
    PortraitServer& grpc, std::shared_ptr<Connections> port);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_SERVE_HTTP_H_
