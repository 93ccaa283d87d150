// PortraitServer is the gRPC side of portraitd: the services on a port, from
// binding it to draining.
#ifndef PORTRAIT_SERVER_SERVER_H_
#define PORTRAIT_SERVER_SERVER_H_

#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/backends.h"
#include "server/credentials.h"
#include "server/open_streams.h"

namespace portrait {

struct ServerOptions {
  // HOST:PORT (port 0: the system chooses a free one) or unix:PATH.
  std::string listen = "127.0.0.1:7700";
  TlsFiles tls;
  // Every caller comes through the front door (deploy/front), which ends TLS
  // and refuses hostile HTTP/2.
  bool behind_front = false;
  // Listen where other machines can connect, without either of the above and
  // without client certificates.
  bool insecure_listen = false;
  // Descriptors that connections leave to the store and to WhatsApp accounts.
  // 0: an eighth of the limit, between 32 and 1024.
  size_t reserved_descriptors = 0;
  OpenStreamsOptions streams;
  size_t max_connection_streams = 1000;
  size_t max_tenant_calls = 1000;  // lookups of one contact, at once
  // Older connections are told to go; their streams are cut off after the
  // grace. Zero: never.
  absl::Duration connection_age = absl::Hours(24);
  absl::Duration connection_age_grace = absl::Minutes(10);
  std::string backup_dir;  // empty: no backups are made
};

// Thread-compatible. Serves from Start until Drain, or until it goes.
class PortraitServer {
 public:
  // What `backends` refers to outlives the server; so does `io`, which its
  // owner runs.
  //
  // Errors: INVALID_ARGUMENT naming the flag; UNAVAILABLE when the address
  // cannot be listened on.
  static absl::StatusOr<std::unique_ptr<PortraitServer>> Start(
      boost::asio::io_context& io, const Backends& backends,
      ServerOptions options);
  virtual ~PortraitServer() = default;

  // HOST:PORT as bound, or unix:PATH.
  virtual std::string address() const = 0;

  // Ends: new lookups are refused, those in flight have `timeout` to finish,
  // every stream ends with a status that says to reconnect, and the port is
  // given up. Drains the engine too. Idempotent.
  virtual void Drain(absl::Duration timeout) = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_SERVER_H_
