#include "tests/whatsapp_sim/directory/cdn.h"

#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream_base.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "tests/whatsapp_sim/directory/jpeg.h"
#include "tests/whatsapp_sim/directory/stable_hash.h"

namespace portrait::sim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

using Request = http::request<http::empty_body>;
using Response = http::response<http::string_body>;

// The timeout between two requests of a connection, and of each step of a
// request.
constexpr std::chrono::seconds kTimeout(30);

std::string DrawPicture(const PictureFile& file) {
  return DrawJpeg(StableHash(file.subject).Of(0, file.picture_id), file.pixels);
}

Response Respond(Network& network, const Request& request) {
  Response response(http::status::ok, request.version());
  response.keep_alive(request.keep_alive());
  response.set(http::field::server, "whatsapp-sim");
  const auto fail = [&](http::status status, absl::string_view why) {
    response.result(status);
    response.set(http::field::content_type, "text/plain");
    response.body() = std::string(why);
  };
  if (request.method() != http::verb::get &&
      request.method() != http::verb::head) {
    fail(http::status::method_not_allowed, "Method Not Allowed");
  } else {
    const absl::StatusOr<PictureFile> file = network.urls.Check(
        absl::string_view(request.target().data(), request.target().size()));
    if (file.ok()) {
      response.set(http::field::content_type, "image/jpeg");
      response.set(http::field::cache_control, "max-age=1209600");
      response.body() = DrawPicture(*file);
      ++network.stats.images_served;
    } else {
      fail(absl::IsNotFound(file.status()) ? http::status::not_found
                                           : http::status::forbidden,
           file.status().message());
    }
  }
  response.prepare_payload();
  if (request.method() == http::verb::head) response.body().clear();
  return response;
}

// `stream` is a TCP or TLS stream; `tcp` is its TCP stream.
template <typename Stream>
asio::awaitable<void> ServeRequests(Network* network, Stream* stream,
                                    beast::tcp_stream* tcp) {
  beast::flat_buffer buffer;
  for (bool keep_alive = true; keep_alive;) {
    error_code error;
    Request request;
    tcp->expires_after(kTimeout);
    co_await http::async_read(*stream, buffer, request,
                              asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    Response response = Respond(*network, request);
    keep_alive = response.keep_alive();
    tcp->expires_after(kTimeout);
    http::response_serializer<http::string_body> serializer(response);
    if (request.method() == http::verb::head) {
      co_await http::async_write_header(
          *stream, serializer,
          asio::redirect_error(asio::use_awaitable, error));
    } else {
      co_await http::async_write(
          *stream, serializer,
          asio::redirect_error(asio::use_awaitable, error));
    }
    if (error) co_return;
  }
  error_code ignored;
  tcp->socket().shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace

asio::awaitable<void> ServePictures(Network* network, tcp::socket socket,
                                    std::shared_ptr<asio::ssl::context> tls) {
  if (tls == nullptr) {
    beast::tcp_stream stream(std::move(socket));
    co_await ServeRequests(network, &stream, &stream);
    co_return;
  }
  beast::ssl_stream<beast::tcp_stream> stream(std::move(socket), *tls);
  beast::tcp_stream& tcp = stream.next_layer();
  tcp.expires_after(kTimeout);
  error_code error;
  co_await stream.async_handshake(
      asio::ssl::stream_base::server,
      asio::redirect_error(asio::use_awaitable, error));
  if (!error) co_await ServeRequests(network, &stream, &tcp);
}

}  // namespace portrait::sim
