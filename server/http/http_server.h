// HttpServer serves HTTP/1.1 on a port of its own, from binding to draining.
#ifndef PORTRAIT_SERVER_HTTP_HTTP_SERVER_H_
#define PORTRAIT_SERVER_HTTP_HTTP_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/connections.h"
#include "server/http/connection.h"
#include "server/http/exchange.h"
#include "server/tls_files.h"

namespace portrait::http {

struct HttpServerOptions {
  std::shared_ptr<Connections> port;  // stays open when the server stops
  TlsFiles tls;                       // without a certificate: plain text
  size_t max_connections = 10'000;
  ConnectionLimits limits;
};

// Thread-safe. Its own threads run all connections, so that JSON delays neither
// WhatsApp accounts nor gRPC.
class HttpServer {
 public:
  // Errors: INVALID_ARGUMENT naming the flag of a file that cannot be used.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(
      HttpServerOptions options, Handler handler);
  virtual ~HttpServer() = default;

  // The bound HOST:PORT, or unix:PATH.
  virtual std::string address() const = 0;
  virtual size_t connections() const = 0;

  // Takes no more connections, and closes idle ones; others close after their
  // response.
  // Idempotent.
  virtual void StopAccepting() = 0;
  // Waits until all connections are closed; closes what remains after
  // `timeout`. No handler runs afterwards. Idempotent.
  virtual void Stop(absl::Duration timeout) = 0;
};

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_HTTP_SERVER_H_
