// SocketDeadline ends a socket's waiting operation after a time.
#ifndef PORTRAIT_SERVER_HTTP_SOCKET_DEADLINE_H_
#define PORTRAIT_SERVER_HTTP_SOCKET_DEADLINE_H_

#include <cstdint>
#include <memory>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/time/time.h"

namespace portrait::http {

// Ends what the socket waits for after a time, unless Cancel or Set is called
// before. Confined to the strand of the socket, which outlives it.
class SocketDeadline {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  // kCancel: the waiting operations fail, and the socket can still be used.
  enum class Then { kCancel, kClose };

  SocketDeadline(Socket& socket, Then then)
      : state_(std::make_shared<State>(State{socket, then})),
        timer_(socket.get_executor()) {}
  ~SocketDeadline() { ++state_->setting; }

  void Set(absl::Duration timeout) {
    state_->expired = false;
    timer_.expires_after(absl::ToChronoNanoseconds(timeout));
    // An expired timer's handler may run after a later setting, and after the
    // socket's destruction.
    timer_.async_wait([state = state_, setting = ++state_->setting](
                          const boost::system::error_code& ec) {
      if (ec || setting != state->setting) return;
      state->expired = true;
      boost::system::error_code ignored;
      if (state->then == Then::kClose) {
        state->socket.close(ignored);
      } else {
        state->socket.cancel(ignored);
      }
    });
  }
  void Cancel() {
    ++state_->setting;
    timer_.cancel();
  }
  bool expired() const { return state_->expired; }

 private:
  struct State {
    Socket& socket;
    const Then then;
    uint64_t setting = 0;
    bool expired = false;
  };

  const std::shared_ptr<State> state_;
  boost::asio::steady_timer timer_;
};

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_SOCKET_DEADLINE_H_
