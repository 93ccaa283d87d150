#include "server/relay/link.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "absl/strings/str_cat.h"

namespace portrait::relay {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// A side is given up if it does not acknowledge data for this time.
constexpr unsigned kUserTimeoutMilliseconds = 20'000;

void SetOptions(int descriptor) {
  const int on = 1;
  // On a client's Unix socket the calls fail, which does no harm.
  (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  (void)setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT,
                   &kUserTimeoutMilliseconds, sizeof(unsigned));
}

tcp::endpoint AddressBy(int (*get)(int, sockaddr*, socklen_t*),
                        int descriptor) {
  tcp::endpoint found;
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (get(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      (address.ss_family != AF_INET && address.ss_family != AF_INET6)) {
    return found;
  }
  found.resize(size);
  std::memcpy(found.data(), &address, size);
  if (found.address().is_v6() && found.address().to_v6().is_v4_mapped()) {
    found.address(asio::ip::make_address_v4(asio::ip::v4_mapped,
                                            found.address().to_v6()));
  }
  return found;
}

absl::Status ConnectError(const tcp::endpoint& target, const error_code& ec) {
  return absl::UnavailableError(absl::StrCat(
      "relay: cannot connect to port ", target.port(), ": ", ec.message()));
}

// The result of a connect that has ended.
error_code ResultOf(int descriptor) {
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
    error = errno;
  }
  return error_code(error, boost::system::system_category());
}

}  // namespace

tcp::endpoint PeerAddress(int descriptor) {
  return AddressBy(&getpeername, descriptor);
}

tcp::endpoint LocalAddress(int descriptor) {
  return AddressBy(&getsockname, descriptor);
}

Link::Link(asio::io_context& io, int client, std::vector<char>& scratch,
           std::atomic<uint64_t>& bytes)
    : io_(io),
      client_(io),
      server_(io),
      scratch_(scratch),
      bytes_(bytes),
      ended_(io, asio::steady_timer::time_point::max()) {
  error_code ignored;
  client_.assign(Protocol(AF_INET, IPPROTO_TCP), client, ignored);
  client_.non_blocking(true, ignored);
}

asio::awaitable<absl::Status> Link::Connect(tcp::endpoint target,
                                            absl::Duration timeout) {
  error_code ec;
  server_ = Socket(io_);
  server_.open(target.protocol(), ec);
  if (!ec) server_.non_blocking(true, ec);
  if (ec) co_return ConnectError(target, ec);
  SetOptions(server_.native_handle());
  // The plain call: the own address must be known before the connection is
  // accepted, which may be by this process.
  const int done =
      connect(server_.native_handle(), target.data(), target.size());
  if (done != 0 && errno != EINPROGRESS) {
    co_return ConnectError(target,
                           error_code(errno, boost::system::system_category()));
  }
  own_address_ = LocalAddress(server_.native_handle());
  asio::steady_timer timer(io_, absl::ToChronoNanoseconds(timeout));
  timer.async_wait([self = shared_from_this(),
                    attempt = ++attempts_](const error_code& cancelled) {
    if (cancelled || self->attempts_ != attempt || self->is_passing_) return;
    self->late_attempt_ = attempt;
    error_code ignored;
    self->server_.cancel(ignored);
  });
  co_await server_.async_wait(Socket::wait_write,
                              asio::redirect_error(asio::use_awaitable, ec));
  timer.cancel();
  if (is_closed_) co_return absl::CancelledError("relay: closed");
  if (late_attempt_ == attempts_) ec = asio::error::timed_out;
  if (!ec) ec = ResultOf(server_.native_handle());
  if (ec) co_return ConnectError(target, ec);
  co_return absl::OkStatus();
}

asio::awaitable<void> Link::PassBytes() {
  is_passing_ = true;
  asio::co_spawn(io_, CarryBack(shared_from_this()), asio::detached);
  co_await Carry(client_, server_);
  if (is_closed_) co_return;
  error_code ignored;
  co_await ended_.async_wait(
      asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> Link::CarryBack(std::shared_ptr<Link> /*self*/) {
  co_await Carry(server_, client_);
}

asio::awaitable<void> Link::Carry(Socket& from, Socket& to) {
  error_code ec;
  while (!is_closed_) {
    co_await from.async_wait(Socket::wait_read,
                             asio::redirect_error(asio::use_awaitable, ec));
    if (ec) break;
    const size_t size = from.read_some(asio::buffer(scratch_), ec);
    if (ec == asio::error::would_block) continue;
    if (ec) break;
    bytes_ += size;
    size_t written = to.write_some(asio::buffer(scratch_.data(), size), ec);
    if (ec == asio::error::would_block) written = 0;
    if (written == size) continue;
    if (ec && ec != asio::error::would_block) break;
    // Until the rest is written, nothing is read: a slow reader slows down its
    // own sender only.
    const std::string rest(scratch_.data() + written, size - written);
    co_await asio::async_write(to, asio::buffer(rest),
                               asio::redirect_error(asio::use_awaitable, ec));
    if (ec) break;
  }
  if (ec == asio::error::eof) {
    error_code ignored;
    to.shutdown(Socket::shutdown_send, ignored);
    if (--directions_ > 0) co_return;
  }
  Close();
}

void Link::Close() {
  if (std::exchange(is_closed_, true)) return;
  error_code ignored;
  client_.close(ignored);
  server_.close(ignored);
  ended_.cancel(ignored);
}

int Link::Release() {
  if (std::exchange(is_closed_, true)) return -1;
  error_code ignored;
  server_.close(ignored);
  return client_.release(ignored);
}

}  // namespace portrait::relay
