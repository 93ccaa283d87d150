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
  // Ends sending; data can still be received until the peer closes its side,
  // too. If the socket were closed with unread data, the peer would lose the
  // last messages.
  virtual void FinishSending() = 0;
};

// Answers the WebSocket upgrade at /ws/chat, after a TLS handshake if `tls` is
// not null.
//
// Errors: those of Broken() for a request that WhatsApp would refuse;
// UNAVAILABLE if the peer disconnects or takes too long.
boost::asio::awaitable<absl::StatusOr<std::unique_ptr<ServerTransport>>>
AcceptWebSocket(boost::asio::ip::tcp::socket socket,
                std::shared_ptr<boost::asio::ssl::context> tls);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SERVER_TRANSPORT_H_
