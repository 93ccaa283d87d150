// Serves one connection to the simulated WhatsApp.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SERVE_CLIENT_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SERVE_CLIENT_H_

#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "tests/whatsapp_sim/network.h"

namespace portrait::sim {

// Serves the connection from its first byte to its end. `tls` may be null.
boost::asio::awaitable<void> ServeClient(
    Network* network, boost::asio::ip::tcp::socket socket,
    std::shared_ptr<boost::asio::ssl::context> tls);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SERVE_CLIENT_H_
