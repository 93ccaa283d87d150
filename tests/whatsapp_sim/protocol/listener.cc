#include "tests/whatsapp_sim/protocol/listener.h"

#include <chrono>
#include <utility>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"

namespace portrait::sim {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// The pause after a temporary error, such as too many open files.
constexpr std::chrono::milliseconds kPauseAfterError(100);

absl::StatusOr<tcp::endpoint> ParseAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  absl::string_view host = absl::string_view(address).substr(0, colon);
  absl::ConsumePrefix(&host, "[");
  absl::ConsumeSuffix(&host, "]");
  uint32_t port = 0;
  error_code error;
  const asio::ip::address ip = asio::ip::make_address(std::string(host), error);
  if (colon == std::string::npos || error ||
      !absl::SimpleAtoi(absl::string_view(address).substr(colon + 1), &port) ||
      port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", address,
        "' is not an address to listen on; expected e.g. 127.0.0.1:0"));
  }
  return tcp::endpoint(ip, static_cast<uint16_t>(port));
}

}  // namespace

absl::StatusOr<std::shared_ptr<Listener>> Listener::Open(
    asio::io_context& io, const std::string& address) {
  ASSIGN_OR_RETURN(const tcp::endpoint endpoint, ParseAddress(address));
  tcp::acceptor acceptor(asio::make_strand(io));
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", address, ": ", error.message()));
  }
  auto listener = std::make_shared<Listener>(io, std::move(acceptor));
  listener->port_ = listener->acceptor_.local_endpoint(error).port();
  return listener;
}

void Listener::Start(Handler handler) {
  handler_ = std::move(handler);
  asio::post(strand(), [self = shared_from_this()] { self->AcceptNext(); });
}

void Listener::Close() {
  asio::post(strand(), [self = shared_from_this()] {
    self->closed_ = true;
    error_code ignored;
    self->acceptor_.close(ignored);
    self->pause_.cancel();
  });
}

void Listener::AcceptNext() {
  if (closed_) return;
  const asio::any_io_executor executor = asio::make_strand(io_);
  acceptor_.async_accept(
      executor, asio::bind_executor(
                    strand(), [self = shared_from_this()](
                                  const error_code& error, tcp::socket socket) {
                      self->OnAccepted(error, std::move(socket));
                    }));
}

void Listener::OnAccepted(const error_code& error, tcp::socket socket) {
  if (closed_) return;
  if (error) {
    LogWarning("cannot accept a connection: {}", error.message());
    pause_.expires_after(kPauseAfterError);
    pause_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled) self->AcceptNext();
    });
    return;
  }
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  const asio::any_io_executor executor = socket.get_executor();
  asio::post(executor,
             [self = shared_from_this(), socket = std::move(socket)]() mutable {
               self->handler_(std::move(socket));
             });
  AcceptNext();
}

}  // namespace portrait::sim
