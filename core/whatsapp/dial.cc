#include "core/whatsapp/dial.h"

#include <memory>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/deadline.h"
#include "core/whatsapp/proxy_tunnel.h"

namespace portrait::whatsapp {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

// A name lookup cannot be cancelled: it continues until the system gives up,
// even after its caller has left.
struct Resolution {
  explicit Resolution(const asio::any_io_executor& executor)
      : resolver(executor), done(executor) {}
  tcp::resolver resolver;
  asio::steady_timer done;
  bool finished = false;
  error_code ec;
  tcp::resolver::results_type endpoints;
};

asio::awaitable<absl::StatusOr<tcp::resolver::results_type>> Resolve(
    asio::any_io_executor executor, HostPort host, absl::Duration timeout,
    absl::string_view role) {
  auto resolution = std::make_shared<Resolution>(executor);
  resolution->done.expires_after(ToTimerDuration(timeout));
  resolution->resolver.async_resolve(
      host.host, absl::StrCat(host.port), tcp::resolver::numeric_service,
      [resolution](const error_code& ec, tcp::resolver::results_type found) {
        resolution->finished = true;
        resolution->ec = ec;
        resolution->endpoints = std::move(found);
        resolution->done.cancel();
      });
  error_code ignored;
  co_await resolution->done.async_wait(
      asio::redirect_error(asio::use_awaitable, ignored));
  if (!resolution->finished) resolution->ec = beast::error::timeout;
  if (resolution->ec) {
    co_return DialError(absl::StrCat("looking up ", role, host.host),
                        resolution->ec, timeout);
  }
  co_return std::move(resolution->endpoints);
}

// `role` is "" or the host's role followed by a space: a string literal.
asio::awaitable<absl::Status> ConnectTcp(beast::tcp_stream* stream,
                                         HostPort host, absl::Duration timeout,
                                         absl::string_view role) {
  CO_ASSIGN_OR_RETURN(
      const tcp::resolver::results_type endpoints,
      co_await Resolve(stream->get_executor(), host, timeout, role));
  stream->expires_after(ToTimerDuration(timeout));
  error_code ec;
  co_await stream->async_connect(endpoints,
                                 asio::redirect_error(asio::use_awaitable, ec));
  if (ec) {
    co_return DialError(absl::StrCat("connecting to ", role, host.ToString()),
                        ec, timeout);
  }
  stream->socket().set_option(tcp::no_delay(true), ec);
  co_return absl::OkStatus();
}

}  // namespace

absl::Status DialError(absl::string_view doing, const error_code& ec,
                       absl::Duration timeout) {
  if (ec == beast::error::timeout) {
    return absl::DeadlineExceededError(absl::StrCat(
        doing, ": not finished within ", absl::FormatDuration(timeout)));
  }
  return absl::UnavailableError(absl::StrCat(doing, ": ", ec.message()));
}

asio::awaitable<absl::Status> Dial(beast::tcp_stream* stream, HostPort target,
                                   Proxy proxy, absl::Duration timeout) {
  if (proxy.kind == Proxy::Kind::kNone) {
    co_return co_await ConnectTcp(stream, std::move(target), timeout, "");
  }
  CO_RETURN_IF_ERROR(
      co_await ConnectTcp(stream, proxy.address, timeout, "proxy "));
  co_return co_await OpenTunnel(stream, std::move(proxy), std::move(target),
                                timeout);
}

}  // namespace portrait::whatsapp
