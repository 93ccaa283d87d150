#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/deadline.h"
#include "core/whatsapp/dial.h"
#include "core/whatsapp/tls.h"
#include "core/whatsapp/tls_stream.h"
#include "core/whatsapp/transport.h"
#include "core/whatsapp/websocket_url.h"

namespace portrait::whatsapp {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

constexpr char kOrigin[] = "https://web.whatsapp.com";
// The buffer of one read. A message's memory grows with the received data, not
// with the length in its header.
constexpr size_t kReadChunkBytes = 16 * 1024;

// An open WebSocket. Pending operations hold it, so that its owner may be
// destroyed at any time. No permessage-deflate: encrypted frames do not
// compress.
template <typename Stream>
struct Socket {
  template <typename... Args>
  explicit Socket(Args&&... args) : stream(std::forward<Args>(args)...) {}

  // Held because a TLS stream refers to it.
  std::shared_ptr<asio::ssl::context> tls_context;
  websocket::stream<Stream, /*deflateSupported=*/false> stream;
  bool closed = false;
};

using PlainSocket = Socket<beast::tcp_stream>;
using TlsSocket = Socket<TlsStream>;

template <typename Stream>
asio::awaitable<absl::Status> SendMessage(
    std::shared_ptr<Socket<Stream>> socket, std::string message) {
  error_code ec;
  co_await socket->stream.async_write(
      asio::buffer(message), asio::redirect_error(asio::use_awaitable, ec));
  if (!ec) co_return absl::OkStatus();
  co_return absl::UnavailableError(
      absl::StrCat("websocket: ", socket->closed ? "closed" : ec.message()));
}

template <typename Stream>
asio::awaitable<absl::StatusOr<std::string>> ReceiveMessage(
    std::shared_ptr<Socket<Stream>> socket, size_t max_message_bytes) {
  for (;;) {
    std::string message;
    auto buffer = asio::dynamic_buffer(message);
    do {
      error_code ec;
      co_await socket->stream.async_read_some(
          buffer, kReadChunkBytes,
          asio::redirect_error(asio::use_awaitable, ec));
      if (ec == websocket::error::message_too_big) {
        co_return absl::ResourceExhaustedError(absl::StrCat(
            "websocket: a message of more than ", max_message_bytes, " bytes"));
      }
      if (ec) {
        co_return absl::UnavailableError(absl::StrCat(
            "websocket: ", socket->closed ? "closed" : ec.message()));
      }
    } while (!socket->stream.is_message_done());
    if (socket->stream.got_binary()) co_return message;
  }
}

template <typename Stream>
class WebSocketTransport final : public Transport {
 public:
  WebSocketTransport(std::shared_ptr<Socket<Stream>> socket,
                     size_t max_message_bytes)
      : socket_(std::move(socket)), max_message_bytes_(max_message_bytes) {}
  ~WebSocketTransport() override { Close(); }

  asio::awaitable<absl::Status> Send(std::string message) override {
    return SendMessage(socket_, std::move(message));
  }
  asio::awaitable<absl::StatusOr<std::string>> Receive() override {
    return ReceiveMessage(socket_, max_message_bytes_);
  }
  void Close() override {
    if (std::exchange(socket_->closed, true)) return;
    beast::get_lowest_layer(socket_->stream).close();
  }

 private:
  const std::shared_ptr<Socket<Stream>> socket_;
  const size_t max_message_bytes_;
};

asio::awaitable<absl::Status> ShakeHandsTls(TlsStream* stream, WebSocketUrl url,
                                            absl::Duration timeout) {
  CO_RETURN_IF_ERROR(ExpectHost(stream->native_handle(), url.address.host));
  const Deadline deadline(stream->get_executor(), timeout,
                          [stream] { stream->next_layer().close(); });
  error_code ec = co_await stream->ShakeHands();
  if (!ec) co_return absl::OkStatus();
  CO_RETURN_IF_ERROR(CertificateRefusal(stream->native_handle()));
  if (deadline.expired()) ec = beast::error::timeout;
  co_return DialError(absl::StrCat("TLS with ", url.HostHeader()), ec, timeout);
}

void SetBrowserHeaders(websocket::request_type& request) {
  request.set(http::field::origin, kOrigin);
  request.set(http::field::user_agent, kBrowserUserAgent);
  request.set(http::field::cache_control, "no-cache");
  request.set(http::field::pragma, "no-cache");
}

// Sends the HTTP upgrade; the stream below must be connected.
template <typename Stream>
asio::awaitable<absl::StatusOr<std::unique_ptr<Transport>>> Upgrade(
    std::shared_ptr<Socket<Stream>> socket, WebSocketUrl url,
    WebSocketOptions options) {
  auto& stream = socket->stream;
  // From here on, the WebSocket's own timer applies.
  beast::get_lowest_layer(stream).expires_never();
  websocket::stream_base::timeout timeouts{};
  timeouts.handshake_timeout = ToTimerDuration(options.timeout);
  timeouts.idle_timeout = websocket::stream_base::none();
  timeouts.keep_alive_pings = false;
  stream.set_option(timeouts);
  stream.set_option(websocket::stream_base::decorator(&SetBrowserHeaders));
  stream.read_message_max(options.max_message_bytes);
  stream.auto_fragment(false);
  stream.binary(true);

  websocket::response_type response;
  error_code ec;
  co_await stream.async_handshake(
      response, url.HostHeader(), url.target,
      asio::redirect_error(asio::use_awaitable, ec));
  if (ec == websocket::error::upgrade_declined) {
    co_return absl::UnavailableError(
        absl::StrCat("websocket upgrade at ", url.HostHeader(),
                     ": the server answered HTTP ", response.result_int()));
  }
  if (ec) {
    co_return DialError(absl::StrCat("websocket upgrade at ", url.HostHeader()),
                        ec, options.timeout);
  }
  co_return std::make_unique<WebSocketTransport<Stream>>(
      std::move(socket), options.max_message_bytes);
}

}  // namespace

asio::awaitable<absl::StatusOr<std::unique_ptr<Transport>>> ConnectWebSocket(
    asio::any_io_executor executor, WebSocketOptions options) {
  CO_ASSIGN_OR_RETURN(const WebSocketUrl url, ParseWebSocketUrl(options.url));
  if (!url.tls) {
    auto socket = std::make_shared<PlainSocket>(executor);
    CO_RETURN_IF_ERROR(co_await Dial(&beast::get_lowest_layer(socket->stream),
                                     url.address, options.proxy,
                                     options.timeout));
    co_return co_await Upgrade(std::move(socket), url, std::move(options));
  }
  CO_ASSIGN_OR_RETURN(std::shared_ptr<asio::ssl::context> context,
                      TrustedTlsContext(options.ca_file));
  auto socket = std::make_shared<TlsSocket>(executor, *context);
  socket->tls_context = std::move(context);
  CO_RETURN_IF_ERROR(co_await Dial(&beast::get_lowest_layer(socket->stream),
                                   url.address, options.proxy,
                                   options.timeout));
  CO_RETURN_IF_ERROR(co_await ShakeHandsTls(&socket->stream.next_layer(), url,
                                            options.timeout));
  co_return co_await Upgrade(std::move(socket), url, std::move(options));
}

}  // namespace portrait::whatsapp
