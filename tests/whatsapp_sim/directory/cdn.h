// The simulated picture servers: signed addresses in, JPEG files out.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_CDN_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_CDN_H_

#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "tests/whatsapp_sim/network.h"

namespace portrait::sim {

// Serves one HTTP connection, over TLS where `tls` is not null, to its end:
// 200 with a JPEG, 403 for an address that has expired or was altered, 404 for
// any other path, 405 for what is neither GET nor HEAD.
boost::asio::awaitable<void> ServePictures(
    Network* network, boost::asio::ip::tcp::socket socket,
    std::shared_ptr<boost::asio::ssl::context> tls);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_CDN_H_
