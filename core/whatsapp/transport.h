// Transport moves whole binary messages to and from a server; the seam below
// frames. Its one real implementation is a WebSocket.
#ifndef PORTRAIT_CORE_WHATSAPP_TRANSPORT_H_
#define PORTRAIT_CORE_WHATSAPP_TRANSPORT_H_

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/whatsapp/proxy.h"

namespace portrait::whatsapp {

// Confined to the strand it was connected on. One Send and one Receive may be
// under way at once, no more.
class Transport {
 public:
  virtual ~Transport() = default;

  // Errors: UNAVAILABLE when the peer is gone or the transport was closed.
  virtual boost::asio::awaitable<absl::Status> Send(std::string message) = 0;
  // The next binary message; others are skipped.
  //
  // Errors: UNAVAILABLE as above, RESOURCE_EXHAUSTED for one over the limit.
  virtual boost::asio::awaitable<absl::StatusOr<std::string>> Receive() = 0;
  // Ends what is under way at once. Idempotent.
  virtual void Close() = 0;
};

// What we call ourselves in HTTP.
inline constexpr char kBrowserUserAgent[] =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36";

struct WebSocketOptions {
  // wss://host[:port]/path, or ws:// for a plain connection.
  std::string url = "wss://web.whatsapp.com/ws/chat";
  // PEM file of the authorities trusted beside none other; empty: the system's.
  std::string ca_file;
  Proxy proxy;
  // Of each step: resolving and connecting, the proxy's, TLS, upgrade.
  absl::Duration timeout = absl::Seconds(20);
  size_t max_message_bytes = (1u << 24) - 1;
};

// Verifies the certificate and the host name. `executor` is a strand; it runs
// everything the transport does.
//
// Errors, saying which step failed: INVALID_ARGUMENT for a URL that is none,
// UNAUTHENTICATED for a certificate that does not hold and for a proxy that
// refuses our password, DEADLINE_EXCEEDED, UNAVAILABLE.
boost::asio::awaitable<absl::StatusOr<std::unique_ptr<Transport>>>
ConnectWebSocket(boost::asio::any_io_executor executor,
                 WebSocketOptions options);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_TRANSPORT_H_
