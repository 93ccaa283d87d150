#include "server/connections.h"

#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/socket_base.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"

namespace portrait {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::local::stream_protocol;
using boost::system::error_code;

constexpr size_t kLeastReserved = 32;
constexpr size_t kMostReserved = 1024;
// The wait after a failed accept, for example without a free descriptor.
constexpr absl::Duration kRetryDelay = absl::Milliseconds(50);
// During an attack, thousands of connections may be refused per second.
constexpr absl::Duration kWarningInterval = absl::Minutes(1);
// A connection ends if its peer does not acknowledge data for this time.
constexpr unsigned kUserTimeoutMilliseconds = 20'000;
// The front door runs as another user, in the socket's group.
constexpr mode_t kSocketMode = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP;

size_t DescriptorLimit() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

// gRPC sets these options on the sockets of its own listener only.
void SetOptions(int descriptor) {
  const int on = 1;
  // On a Unix socket the call fails, which does no harm.
  (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  (void)setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT,
                   &kUserTimeoutMilliseconds, sizeof(unsigned));
}

// Closes the connection at once, so that the kernel keeps no memory for it.
template <typename Socket>
void Reset(Socket socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

}  // namespace

Connections::Connections(asio::io_context& io, const char* flag,
                         ListenAddress address, size_t reserved)
    : io_(io),
      flag_(flag),
      address_(std::move(address)),
      reserved_(reserved > 0 ? reserved
                             : std::clamp(DescriptorLimit() / 8, kLeastReserved,
                                          kMostReserved)),
      retry_(io) {}

Connections::~Connections() { Stop(); }

absl::StatusOr<std::shared_ptr<Connections>> Connections::Listen(
    asio::io_context& io, const char* flag, const ListenAddress& address,
    size_t reserved) {
  std::shared_ptr<Connections> connections(
      new Connections(io, flag, address, reserved));
  RETURN_IF_ERROR(connections->Bind());
  return connections;
}

void Connections::PassTo(OnConnection on_connection) {
  absl::MutexLock lock(&mu_);
  if (stopped_) return;
  on_connection_ = std::move(on_connection);
  if (on_connection_ == nullptr) return;
  for (const int descriptor : std::exchange(waiting_, {})) {
    on_connection_(descriptor);
  }
  for (size_t i = 0; i < listeners_.size(); ++i) {
    if (!listeners_[i]->is_accepting) AcceptNext(i);
  }
}

void Connections::Pass(int descriptor) {
  absl::MutexLock lock(&mu_);
  PassLocked(descriptor);
}

void Connections::PassLocked(int descriptor) {
  if (stopped_) {
    close(descriptor);
  } else if (on_connection_ != nullptr) {
    on_connection_(descriptor);
  } else {
    waiting_.push_back(descriptor);
  }
}

absl::Status Connections::Bind() {
  if (address_.IsUnix()) {
    // Removes a socket that a crash has left: the store's lock proves that no
    // other portraitd uses this data folder. A file that is not a socket stays.
    struct stat file = {};
    if (lstat(address_.unix_path.c_str(), &file) == 0 &&
        S_ISSOCK(file.st_mode)) {
      unlink(address_.unix_path.c_str());
    }
    RETURN_IF_ERROR(BindTo(stream_protocol::endpoint(address_.unix_path)));
    chmod(address_.unix_path.c_str(), kSocketMode);
    return absl::OkStatus();
  }
  error_code ec;
  tcp::resolver resolver(io_);
  const auto found = resolver.resolve(
      address_.host, absl::StrCat(address_.port), tcp::resolver::passive, ec);
  if (ec || found.empty()) {
    return absl::UnavailableError(absl::StrCat(
        flag_, ": cannot resolve ", address_.host, ": ", ec.message()));
  }
  // "localhost" has two addresses, and a machine may lack one of them.
  absl::Status status;
  bool bound = false;
  for (const auto& entry : found) {
    tcp::endpoint endpoint = entry.endpoint();
    endpoint.port(static_cast<unsigned short>(address_.port));
    const absl::Status one = BindTo(endpoint);
    bound |= one.ok();
    status.Update(one);
  }
  return bound ? absl::OkStatus() : status;
}

absl::Status Connections::BindTo(const Protocol::endpoint& endpoint) {
  absl::MutexLock lock(&mu_);
  auto listener = std::make_unique<Listener>(
      Listener{asio::basic_socket_acceptor<Protocol>(io_)});
  auto& acceptor = listener->acceptor;
  error_code ec;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec && !address_.IsUnix()) {
    acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  }
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) {
    return absl::UnavailableError(absl::StrCat(
        flag_, ": cannot listen on ", address_.ToString(), ": ", ec.message()));
  }
  if (!address_.IsUnix() && address_.port == 0) {
    tcp::endpoint bound;
    const Protocol::endpoint local = acceptor.local_endpoint();
    bound.resize(local.size());
    std::copy_n(reinterpret_cast<const char*>(local.data()), local.size(),
                reinterpret_cast<char*>(bound.data()));
    address_.port = bound.port();
  }
  listeners_.push_back(std::move(listener));
  return absl::OkStatus();
}

void Connections::AcceptNext(size_t listener) {
  listeners_[listener]->is_accepting = true;
  listeners_[listener]->acceptor.async_accept(
      [self = shared_from_this(), listener](const error_code& ec,
                                            Protocol::socket socket) {
        self->OnAccepted(listener, ec, std::move(socket));
      });
}

void Connections::OnAccepted(size_t listener, const error_code& ec,
                             Protocol::socket socket) {
  absl::MutexLock lock(&mu_);
  if (stopped_) return;
  listeners_[listener]->is_accepting = false;
  if (ec) {
    NoteRefused(ec.message().c_str());
    RetryLater(listener);
    return;
  }
  if (!HasRoomFor(socket.native_handle())) {
    Reset(std::move(socket));
    NoteRefused("the remaining file descriptors are reserved");
  } else {
    error_code failed;
    socket.native_non_blocking(true, failed);
    SetOptions(socket.native_handle());
    const int descriptor = socket.release(failed);
    if (!failed) PassLocked(descriptor);
  }
  if (on_connection_ != nullptr) AcceptNext(listener);
}

void Connections::RetryLater(size_t listener) {
  listeners_[listener]->is_accepting = true;
  retry_.expires_after(absl::ToChronoNanoseconds(kRetryDelay));
  retry_.async_wait([self = shared_from_this(), listener](const error_code&) {
    absl::MutexLock lock(&self->mu_);
    if (!self->stopped_) self->AcceptNext(listener);
  });
}

bool Connections::HasRoomFor(int descriptor) const {
  return static_cast<size_t>(descriptor) + reserved_ < DescriptorLimit();
}

void Connections::NoteRefused(const char* why) {
  ++refused_;
  const absl::Time now = absl::Now();
  if (now - last_warning_ < kWarningInterval) return;
  last_warning_ = now;
  LogWarning("{}: {} connections refused so far: {}", flag_, refused_, why);
}

void Connections::Stop() {
  absl::MutexLock lock(&mu_);
  if (stopped_) return;
  stopped_ = true;
  error_code ignored;
  for (const auto& listener : listeners_) {
    listener->acceptor.close(ignored);
  }
  for (const int descriptor : std::exchange(waiting_, {})) close(descriptor);
  retry_.cancel(ignored);
  on_connection_ = nullptr;
  if (address_.IsUnix() && !listeners_.empty()) {
    unlink(address_.unix_path.c_str());
  }
}

}  // namespace portrait
