#include "tests/whatsapp_sim/protocol/server_transport.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/frame.h"
#include "tests/whatsapp_sim/protocol/rules.h"

namespace portrait::sim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

using Request = http::request<http::string_body>;

constexpr std::chrono::seconds kUpgradeTimeout(20);
constexpr char kPath[] = "/ws/chat";
constexpr char kOrigin[] = "https://web.whatsapp.com";
constexpr size_t kReadChunkBytes = 4096;

// Errors: those of Broken().
absl::Status CheckUpgrade(const Request& request) {
  if (!websocket::is_upgrade(request)) {
    return Broken(Rule::kUpgrade, "the request does not ask for a WebSocket");
  }
  const beast::string_view target = request.target();
  if (target.substr(0, target.find('?')) != kPath) {
    return Broken(Rule::kUpgrade, absl::StrCat("the path is not ", kPath));
  }
  if (request[http::field::origin] != kOrigin) {
    return Broken(Rule::kUpgrade, absl::StrCat("the Origin is not ", kOrigin));
  }
  return absl::OkStatus();
}

template <typename Stream>
class WebSocketServer final : public ServerTransport {
 public:
  template <typename... Args>
  explicit WebSocketServer(std::shared_ptr<asio::ssl::context> tls,
                           Args&&... args)
      : tls_(std::move(tls)), socket_(std::forward<Args>(args)...) {}

  // Errors: those of AcceptWebSocket().
  asio::awaitable<absl::Status> Upgrade() {
    beast::get_lowest_layer(socket_).expires_after(kUpgradeTimeout);
    error_code error;
    if constexpr (!std::is_same_v<Stream, beast::tcp_stream>) {
      co_await socket_.next_layer().async_handshake(
          asio::ssl::stream_base::server,
          asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return Unavailable("TLS", error);
    }
    beast::flat_buffer buffer;
    Request request;
    co_await http::async_read(socket_.next_layer(), buffer, request,
                              asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return Unavailable("upgrade", error);
    const absl::Status allowed = CheckUpgrade(request);
    if (!allowed.ok()) {
      http::response<http::string_body> refusal(http::status::forbidden,
                                                request.version());
      refusal.body() = std::string(allowed.message());
      refusal.keep_alive(false);
      refusal.prepare_payload();
      co_await http::async_write(
          socket_.next_layer(), refusal,
          asio::redirect_error(asio::use_awaitable, error));
      co_return allowed;
    }
    Configure();
    co_await socket_.async_accept(
        request, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return Unavailable("upgrade", error);
    co_return absl::OkStatus();
  }

  asio::awaitable<absl::Status> Send(std::string message) override {
    error_code error;
    co_await socket_.async_write(
        asio::buffer(message),
        asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return Unavailable("send", error);
    co_return absl::OkStatus();
  }

  asio::awaitable<absl::StatusOr<std::string>> Receive() override {
    for (;;) {
      std::string message;
      auto buffer = asio::dynamic_buffer(message);
      do {
        error_code error;
        co_await socket_.async_read_some(
            buffer, kReadChunkBytes,
            asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return Unavailable("receive", error);
      } while (!socket_.is_message_done());
      if (socket_.got_binary()) co_return message;
    }
  }

  void Close() override { beast::get_lowest_layer(socket_).close(); }

  void FinishSending() override {
    error_code ignored;
    beast::get_lowest_layer(socket_).socket().shutdown(
        tcp::socket::shutdown_send, ignored);
  }

 private:
  static absl::Status Unavailable(absl::string_view doing,
                                  const error_code& error) {
    return absl::UnavailableError(absl::StrCat(doing, ": ", error.message()));
  }

  // From here on the caller limits the time of the handshake, and the session
  // limits idle time.
  void Configure() {
    beast::get_lowest_layer(socket_).expires_never();
    socket_.set_option(websocket::stream_base::timeout{
        kUpgradeTimeout, websocket::stream_base::none(), false});
    socket_.binary(true);
    socket_.auto_fragment(false);
    socket_.read_message_max(whatsapp::kMaxFrameBytes);
  }

  // Held because a TLS stream refers to it.
  const std::shared_ptr<asio::ssl::context> tls_;
  websocket::stream<Stream, /*deflateSupported=*/false> socket_;
};

}  // namespace

asio::awaitable<absl::StatusOr<std::unique_ptr<ServerTransport>>>
AcceptWebSocket(tcp::socket socket, std::shared_ptr<asio::ssl::context> tls) {
  if (tls == nullptr) {
    auto plain = std::make_unique<WebSocketServer<beast::tcp_stream>>(
        nullptr, std::move(socket));
    const absl::Status status = co_await plain->Upgrade();
    if (!status.ok()) co_return status;
    co_return std::unique_ptr<ServerTransport>(std::move(plain));
  }
  asio::ssl::context& context = *tls;
  auto secure =
      std::make_unique<WebSocketServer<beast::ssl_stream<beast::tcp_stream>>>(
          std::move(tls), std::move(socket), context);
  const absl::Status status = co_await secure->Upgrade();
  if (!status.ok()) co_return status;
  co_return std::unique_ptr<ServerTransport>(std::move(secure));
}

}  // namespace portrait::sim
