// The server's end of a WebSocket, plain or with TLS.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SERVER_TRANSPORT_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SERVER_TRANSPORT_H_

#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "absl/status/statusor.h"
#include "core/whatsapp/transport.h"

namespace portrait::sim {

// Confined to the socket's strand.
class ServerTransport : public whatsapp::Transport {
 public:
  // No more is sent; what the peer still sends can be received until it closes
  // its side too. Closing with unread bytes would take away from the peer what
  // was sent last.
  virtual void FinishSending() = 0;
};

// Answers the upgrade to a WebSocket at /ws/chat. With `tls`, after a TLS
// handshake. `tls` may be null.
//
// Errors: those of Broken() for a request that WhatsApp would refuse;
// UNAVAILABLE when the peer goes away or takes too long.
boost::asio::awaitable<absl::StatusOr<std::unique_ptr<ServerTransport>>>
AcceptWebSocket(boost::asio::ip::tcp::socket socket,
                std::shared_ptr<boost::asio::ssl::context> tls);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SERVER_TRANSPORT_H_
