// TestProxy is a small HTTP CONNECT and SOCKS5 proxy on loopback. Honest,
// unless a test wants it otherwise.
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

// Thread-safe. Runs on a thread of its own until it is destroyed.
class TestProxy {
 public:
  struct Options {
    whatsapp::Proxy::Kind kind = whatsapp::Proxy::Kind::kHttpConnect;
    // What it wants to hear; empty: nothing.
    std::string user = "", password = "";
    // Says this instead of its first answer, and hangs up.
    std::string rude_answer = "";
    // Says nothing at all.
    bool silent = false;
    // A name that nobody else knows: it stands for this machine.
    std::string known_name = "whatsapp.invalid";
  };

  explicit TestProxy(Options options);
  ~TestProxy();

  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  // For clients, with or without "user:password@".
  std::string Url(const std::string& credentials = "") const;

  // What tunnels were asked for, "host:port", in that order.
  std::vector<std::string> targets() const;

 private:
  using Socket = boost::asio::ip::tcp::socket;
  using SocketPtr = std::shared_ptr<Socket>;

  boost::asio::awaitable<void> Accept();
  boost::asio::awaitable<void> Serve(SocketPtr client);
  // These return the socket to the target; null after a refusal.
  boost::asio::awaitable<SocketPtr> ServeHttp(SocketPtr client);
  boost::asio::awaitable<SocketPtr> ServeSocks(SocketPtr client);
  boost::asio::awaitable<bool> CheckSocksLogin(SocketPtr client);
  boost::asio::awaitable<SocketPtr> Reach(std::string host, uint16_t port);

  const Options options_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;

  mutable absl::Mutex mu_;
  std::vector<std::string> targets_ ABSL_GUARDED_BY(mu_);

  std::thread thread_;  // the last: it uses the others
};

}  // namespace portrait

#endif  // PORTRAIT_TESTS_SUPPORT_TEST_PROXY_H_
