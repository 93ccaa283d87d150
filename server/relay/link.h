// Link is one connection of a Relay: the client's socket and the target's.
#ifndef PORTRAIT_SERVER_RELAY_LINK_H_
#define PORTRAIT_SERVER_RELAY_LINK_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace portrait::relay {

// The address of the socket's peer, and of the socket. IPv4 addresses have
// their own form. A default endpoint for a Unix socket.
boost::asio::ip::tcp::endpoint PeerAddress(int descriptor);
boost::asio::ip::tcp::endpoint LocalAddress(int descriptor);

// Confined to the only thread of its io_context. Held by shared_ptr, also by
// its coroutines.
class Link : public std::enable_shared_from_this<Link> {
 public:
  // Takes over the client's descriptor. `scratch` and `bytes`, the count of
  // bytes passed, belong to the Relay: one buffer is enough for reading,
  // because what cannot be written at once is copied from it.
  Link(boost::asio::io_context& io, int client, std::vector<char>& scratch,
       std::atomic<uint64_t>& bytes);

  // Connects to the target's address.
  //
  // Errors: UNAVAILABLE; CANCELLED if the link was closed meanwhile.
  boost::asio::awaitable<absl::Status> Connect(
      boost::asio::ip::tcp::endpoint target, absl::Duration timeout);
  // Passes bytes in both directions until both have ended, or one has failed,
  // or Close. The end of one direction is passed on.
  boost::asio::awaitable<void> PassBytes();

  // Closes both sides. Idempotent.
  void Close();
  // Gives the client's descriptor back; only before PassBytes. -1 if the link
  // is closed.
  int Release();

  bool is_closed() const { return is_closed_; }
  bool is_passing() const { return is_passing_; }
  // The address of this process's socket to the target, once there is one.
  const boost::asio::ip::tcp::endpoint& own_address() const {
    return own_address_;
  }

 private:
  using Protocol = boost::asio::generic::stream_protocol;
  using Socket = Protocol::socket;

  boost::asio::awaitable<void> Carry(Socket& from, Socket& to);
  boost::asio::awaitable<void> CarryBack(std::shared_ptr<Link> self);

  boost::asio::io_context& io_;
  Socket client_;
  Socket server_;
  std::vector<char>& scratch_;
  std::atomic<uint64_t>& bytes_;
  boost::asio::ip::tcp::endpoint own_address_;
  int attempts_ = 0;      // to connect
  int late_attempt_ = 0;  // the number of the attempt that timed out
  bool is_closed_ = false;
  bool is_passing_ = false;
  int directions_ = 2;               // that have not ended
  boost::asio::steady_timer ended_;  // is cancelled by Close
};

}  // namespace portrait::relay

#endif  // PORTRAIT_SERVER_RELAY_LINK_H_
