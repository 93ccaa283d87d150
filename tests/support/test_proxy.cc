#include "tests/support/test_proxy.h"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::use_awaitable;
using asio::ip::tcp;
using boost::system::error_code;
using SocketPtr = std::shared_ptr<tcp::socket>;

asio::awaitable<std::string> Read(SocketPtr socket, size_t count) {
  std::string bytes(count, '\0');
  co_await asio::async_read(*socket, asio::buffer(bytes), use_awaitable);
  co_return bytes;
}

asio::awaitable<void> Write(SocketPtr socket, std::string bytes) {
  co_await asio::async_write(*socket, asio::buffer(bytes), use_awaitable);
}

// Forwards bytes in one direction until either side ends, which ends both.
asio::awaitable<void> Carry(SocketPtr from, SocketPtr to) {
  error_code error;
  while (!error) {
    std::string bytes(16 * 1024, '\0');
    bytes.resize(co_await from->async_read_some(
        asio::buffer(bytes), asio::redirect_error(use_awaitable, error)));
    if (error) break;
    co_await asio::async_write(*to, asio::buffer(bytes),
                               asio::redirect_error(use_awaitable, error));
  }
  from->close(error);
  to->close(error);
}

}  // namespace

TestProxy::TestProxy(Options options)
    : options_(std::move(options)),
      acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
  asio::co_spawn(io_, Accept(), asio::detached);
  thread_ = std::thread([this] { io_.run(); });
}

TestProxy::~TestProxy() {
  io_.stop();
  thread_.join();
}

std::string TestProxy::Url(const std::string& credentials) const {
  const bool socks = options_.kind == whatsapp::Proxy::Kind::kSocks5;
  return absl::StrCat(socks ? "socks5://" : "http://", credentials,
                      credentials.empty() ? "" : "@", "127.0.0.1:", port());
}

std::vector<std::string> TestProxy::targets() const {
  absl::MutexLock lock(&mu_);
  return targets_;
}

asio::awaitable<void> TestProxy::Accept() {
  for (;;) {
    auto client = std::make_shared<tcp::socket>(
        co_await acceptor_.async_accept(use_awaitable));
    // If a client disconnects, its coroutine ends with an exception.
    asio::co_spawn(io_, Serve(std::move(client)), asio::detached);
  }
}

asio::awaitable<void> TestProxy::Serve(SocketPtr client) {
  if (options_.silent || !options_.rude_answer.empty()) {
    if (!options_.silent) {
      co_await Write(client, options_.rude_answer);
      client->shutdown(tcp::socket::shutdown_send);
    }
    // The client's data is read: closing with unread data would reset the
    // connection, and the client would lose the answer.
    std::string bytes(1024, '\0');
    for (;;) {
      co_await client->async_read_some(asio::buffer(bytes), use_awaitable);
    }
  }
  SocketPtr target;
  if (options_.kind == whatsapp::Proxy::Kind::kSocks5) {
    target = co_await ServeSocks(client);
  } else {
    target = co_await ServeHttp(client);
  }
  if (target == nullptr) co_return;
  asio::co_spawn(io_, Carry(client, target), asio::detached);
  asio::co_spawn(io_, Carry(target, client), asio::detached);
}

asio::awaitable<SocketPtr> TestProxy::ServeHttp(SocketPtr client) {
  boost::beast::flat_buffer buffer;
  http::request_parser<http::empty_body> parser;
  co_await http::async_read_header(*client, buffer, parser, use_awaitable);
  const auto& request = parser.get();
  const std::string target(request.target());
  const std::string login = absl::StrCat(
      "Basic ",
      absl::Base64Escape(absl::StrCat(options_.user, ":", options_.password)));
  std::string refusal;
  SocketPtr reached;
  if (request.method() != http::verb::connect) {
    refusal = "405 Method Not Allowed";
  } else if (!options_.user.empty() &&
             request[http::field::proxy_authorization] != login) {
    refusal = "407 Proxy Authentication Required";
  } else {
    const size_t colon = target.rfind(':');
    uint32_t port = 0;
    if (!absl::SimpleAtoi(target.substr(colon + 1), &port)) port = 0;
    std::string host = target.substr(0, colon);
    reached = co_await Reach(std::move(host), static_cast<uint16_t>(port));
    if (reached == nullptr) refusal = "502 Bad Gateway";
  }
  std::string answer = absl::StrCat(
      "HTTP/1.1 ", refusal.empty() ? "200 Connection established" : refusal,
      "\r\n\r\n");
  co_await Write(client, std::move(answer));
  co_return reached;
}

asio::awaitable<bool> TestProxy::CheckSocksLogin(SocketPtr client) {
  const std::string hello = co_await Read(client, 2);
  const std::string methods =
      co_await Read(client, static_cast<uint8_t>(hello[1]));
  const char method = options_.user.empty() ? 0 : 2;
  const bool offered = methods.find(method) != std::string::npos;
  std::string choice(1, 5);
  choice += offered ? method : '\xFF';
  co_await Write(client, std::move(choice));
  if (!offered || method == 0) co_return offered;
  const std::string user_size = co_await Read(client, 2);
  const std::string user =
      co_await Read(client, static_cast<uint8_t>(user_size[1]));
  const std::string password_size = co_await Read(client, 1);
  const std::string password =
      co_await Read(client, static_cast<uint8_t>(password_size[0]));
  const bool right = user == options_.user && password == options_.password;
  std::string answer(1, 1);
  answer += right ? '\0' : '\1';
  co_await Write(client, std::move(answer));
  co_return right;
}

asio::awaitable<SocketPtr> TestProxy::ServeSocks(SocketPtr client) {
  const bool welcome = co_await CheckSocksLogin(client);
  if (!welcome) co_return nullptr;
  const std::string request = co_await Read(client, 4);
  std::string host;
  if (request[3] == 1) {
    const std::string bytes = co_await Read(client, 4);
    asio::ip::address_v4::bytes_type address;
    std::copy(bytes.begin(), bytes.end(), address.begin());
    host = asio::ip::address_v4(address).to_string();
  } else if (request[3] == 3) {
    const std::string size = co_await Read(client, 1);
    host = co_await Read(client, static_cast<uint8_t>(size[0]));
  } else {
    const std::string bytes = co_await Read(client, 16);
    asio::ip::address_v6::bytes_type address;
    std::copy(bytes.begin(), bytes.end(), address.begin());
    host = asio::ip::address_v6(address).to_string();
  }
  const std::string port = co_await Read(client, 2);
  SocketPtr reached =
      co_await Reach(std::move(host),
                     static_cast<uint16_t>(static_cast<uint8_t>(port[0]) << 8 |
                                           static_cast<uint8_t>(port[1])));
  // The answer's bound address is a name: the protocol allows it, although real
  // proxies do not send names.
  std::string answer(1, 5);
  answer += reached == nullptr ? '\4' : '\0';
  answer += std::string("\0\3\4here\0\0", 9);
  co_await Write(client, std::move(answer));
  co_return reached;
}

asio::awaitable<SocketPtr> TestProxy::Reach(std::string host, uint16_t port) {
  {
    absl::MutexLock lock(&mu_);
    targets_.push_back(whatsapp::HostPort{host, port}.ToString());
  }
  error_code error;
  asio::ip::address address = asio::ip::address_v4::loopback();
  if (host != options_.known_name) {
    address = asio::ip::make_address(host, error);
  }
  if (error) co_return nullptr;
  auto socket = std::make_shared<tcp::socket>(io_);
  co_await socket->async_connect(tcp::endpoint(address, port),
                                 asio::redirect_error(use_awaitable, error));
  if (error) co_return nullptr;
  co_return socket;
}

}  // namespace portrait
