// Transport sends and receives whole binary messages; frames are a layer above
// it. Its only production implementation is a WebSocket.
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

// Confined to the strand on which it was connected. At most one Send and one
// Receive may be pending.
class Transport {
 public:
  virtual ~Transport() = default;

  // Errors: UNAVAILABLE if the peer has closed or the transport was closed.
  virtual boost::asio::awaitable<absl::Status> Send(std::string message) = 0;
  // Receives the next binary message; other messages are skipped.
  //
  // Errors: UNAVAILABLE as for Send, RESOURCE_EXHAUSTED for a message over the
  // limit.
  virtual boost::asio::awaitable<absl::StatusOr<std::string>> Receive() = 0;
  // Ends pending operations at once. Idempotent.
  virtual void Close() = 0;
};

// The User-Agent header of HTTP requests.
inline constexpr char kBrowserUserAgent[] =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36";

struct WebSocketOptions {
  // wss://host[:port]/path, or ws:// for a plain connection.
  std::string url = "wss://web.whatsapp.com/ws/chat";
  // PEM file with the only trusted authorities; empty: the system's.
  std::string ca_file;
  Proxy proxy;
  // For each step: resolving and connecting, the proxy's answer, TLS, upgrade.
  absl::Duration timeout = absl::Seconds(20);
  size_t max_message_bytes = (1u << 24) - 1;
};

// Connects, and verifies the certificate and the host name. `executor` is a
// strand that runs all of the transport's operations.
//
// Errors, saying which step failed: INVALID_ARGUMENT for an invalid URL,
// UNAUTHENTICATED for an invalid certificate or a proxy that refuses the
// password, DEADLINE_EXCEEDED, UNAVAILABLE.
boost::asio::awaitable<absl::StatusOr<std::unique_ptr<Transport>>>
ConnectWebSocket(boost::asio::any_io_executor executor,
                 WebSocketOptions options);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_TRANSPORT_H_
