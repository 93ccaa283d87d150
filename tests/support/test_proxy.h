// TestProxy is a small HTTP CONNECT and SOCKS5 proxy on loopback. A test may
// make it violate the protocol.
#ifndef PORTRAIT_TESTS_SUPPORT_TEST_PROXY_H_
#define PORTRAIT_TESTS_SUPPORT_TEST_PROXY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/whatsapp/proxy.h"

namespace portrait {

// Thread-safe. Runs on a separate thread until it is destroyed.
class TestProxy {
 public:
  struct Options {
    whatsapp::Proxy::Kind kind = whatsapp::Proxy::Kind::kHttpConnect;
    // The required login; empty: none.
    std::string user = "", password = "";
    // Sends this in place of its first answer, and closes the connection.
    std::string rude_answer = "";
    // Never answers.
    bool silent = false;
    // A name that only this proxy can resolve, to this machine.
    std::string known_name = "whatsapp.invalid";
  };

  explicit TestProxy(Options options);
  ~TestProxy();

  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  // The URL for clients, with or without "user:password@".
  std::string Url(const std::string& credentials = "") const;

  // The targets of the requested tunnels, "host:port", in order.
  std::vector<std::string> targets() const;

 private:
  using Socket = boost::asio::ip::tcp::socket;
  using SocketPtr = std::shared_ptr<Socket>;

  boost::asio::awaitable<void> Accept();
  boost::asio::awaitable<void> Serve(SocketPtr client);
  // Both return the socket to the target; null after a refusal.
  boost::asio::awaitable<SocketPtr> ServeHttp(SocketPtr client);
  boost::asio::awaitable<SocketPtr> ServeSocks(SocketPtr client);
  boost::asio::awaitable<bool> CheckSocksLogin(SocketPtr client);
  boost::asio::awaitable<SocketPtr> Reach(std::string host, uint16_t port);

  const Options options_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;

  mutable absl::Mutex mu_;
  std::vector<std::string> targets_ ABSL_GUARDED_BY(mu_);

  std::thread thread_;  // last, because it uses the other members
};

}  // namespace portrait

#endif  // PORTRAIT_TESTS_SUPPORT_TEST_PROXY_H_
