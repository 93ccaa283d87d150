// Connections accepts callers' connections and passes them to a server, such as
// gRPC, whose own listener would stop permanently at the first connection for
// which it has no descriptor. The port may stay open while servers change.
#ifndef PORTRAIT_SERVER_CONNECTIONS_H_
#define PORTRAIT_SERVER_CONNECTIONS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/listen_address.h"

namespace portrait {

// Thread-safe. Held by shared_ptr, because handlers may outlive the owner.
//
// A connection whose descriptor is among the last `reserved` ones of the
// process is closed at once: the kernel assigns the lowest free number, so all
// others are then in use.
class Connections : public std::enable_shared_from_this<Connections> {
 public:
  // Takes over the descriptor of a connected socket that does not block. Called
  // by one thread at a time.
  using OnConnection = std::function<void(int descriptor)>;

  // Listens on `address`, the value of `flag`, which is a literal, until Stop.
  // Connections wait in the kernel until PassTo; they are accepted on `io`,
  // which the caller runs. If `reserved` is 0, an eighth of the limit is
  // reserved, between 32 and 1024.
  //
  // Errors: UNAVAILABLE naming the flag if the process cannot listen on the
  // address.
  static absl::StatusOr<std::shared_ptr<Connections>> Listen(
      boost::asio::io_context& io, const char* flag,
      const ListenAddress& address, size_t reserved);
  ~Connections();

  // Passes connections to `on_connection` from now on, in place of its
  // predecessor, which is not called after this function returns. Null:
  // connections wait again.
  void PassTo(OnConnection on_connection);
  // Passes a connection that was accepted before, but not served.
  void Pass(int descriptor);

  // The bound address, with the real port.
  const ListenAddress& address() const { return address_; }

  // Closes the port and what still waits. After it returns, no connection is
  // passed on. Idempotent.
  void Stop();

 private:
  using Protocol = boost::asio::generic::stream_protocol;
  struct Listener {
    boost::asio::basic_socket_acceptor<Protocol> acceptor;
    bool is_accepting = false;
  };

  Connections(boost::asio::io_context& io, const char* flag,
              ListenAddress address, size_t reserved);

  absl::Status Bind();
  absl::Status BindTo(const Protocol::endpoint& endpoint);
  void AcceptNext(size_t listener) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void OnAccepted(size_t listener, const boost::system::error_code& ec,
                  Protocol::socket socket);
  void PassLocked(int descriptor) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void RetryLater(size_t listener) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool HasRoomFor(int descriptor) const;
  void NoteRefused(const char* why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  boost::asio::io_context& io_;
  const char* const flag_;
  ListenAddress address_;  // constant after binding
  const size_t reserved_;

  absl::Mutex mu_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  OnConnection on_connection_ ABSL_GUARDED_BY(mu_);
  // Accepted after PassTo(nullptr): at most one of each listener, and those of
  // Pass.
  std::vector<int> waiting_ ABSL_GUARDED_BY(mu_);
  std::vector<std::unique_ptr<Listener>> listeners_ ABSL_GUARDED_BY(mu_);
  boost::asio::steady_timer retry_ ABSL_GUARDED_BY(mu_);
  uint64_t refused_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Time last_warning_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CONNECTIONS_H_
