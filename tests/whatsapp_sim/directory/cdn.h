// The simulated picture servers, which return a JPEG file for a signed URL.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_CDN_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_CDN_H_

#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "tests/whatsapp_sim/network.h"

namespace portrait::sim {

// Serves one HTTP connection to its end, over TLS if `tls` is not null: 200
// with a JPEG, 403 for a URL that has expired or was changed, 404 for any other
// path, 405 for methods other than GET and HEAD.
boost::asio::awaitable<void> ServePictures(
    Network* network, boost::asio::ip::tcp::socket socket,
    std::shared_ptr<boost::asio::ssl::context> tls);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_CDN_H_
