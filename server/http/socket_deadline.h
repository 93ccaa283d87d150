// SocketDeadline ends a socket's waiting operation after a time.
#ifndef PORTRAIT_SERVER_HTTP_SOCKET_DEADLINE_H_
#define PORTRAIT_SERVER_HTTP_SOCKET_DEADLINE_H_

#include <chrono>
#include <memory>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/time/time.h"

namespace portrait::http {

// Ends what the socket waits for after a time, unless Cancel or Set is called
// before. Both are cheap: a timer that runs already is left running, and looks
// at the newest deadline when it ends. Confined to the strand of the socket,
// which outlives it.
class SocketDeadline {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  // kCancel: the waiting operations fail, and the socket can still be used.
  enum class Then { kCancel, kClose };

  SocketDeadline(Socket& socket, Then then)
      : state_(std::make_shared<State>(socket, then)) {}
  ~SocketDeadline() {
    Cancel();
    state_->timer.cancel();
  }

  void Set(absl::Duration timeout) {
    state_->expired = false;
    state_->end = Clock::now() + absl::ToChronoNanoseconds(timeout);
    if (!state_->is_running || state_->timer.expiry() > state_->end) {
      Run(state_);
    }
  }
  void Cancel() { state_->end = kNever; }
  bool expired() const { return state_->expired; }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr Clock::time_point kNever = Clock::time_point::max();

  struct State {
    State(Socket& socket, Then then)
        : socket(socket), then(then), timer(socket.get_executor()) {}

    Socket& socket;  // used before `end` only
    const Then then;
    boost::asio::steady_timer timer;
    bool is_running = false;
    Clock::time_point end = kNever;
    bool expired = false;
  };

  static void Run(const std::shared_ptr<State>& state) {
    state->is_running = true;
    state->timer.expires_at(state->end);
    state->timer.async_wait([state](const boost::system::error_code& ec) {
      if (ec) return;  // it runs again, or the owner is gone
      state->is_running = false;
      if (state->end == kNever) return;
      if (Clock::now() < state->end) return Run(state);
      state->end = kNever;
      state->expired = true;
      boost::system::error_code ignored;
      if (state->then == Then::kClose) {
        state->socket.close(ignored);
      } else {
        state->socket.cancel(ignored);
      }
    });
  }

  const std::shared_ptr<State> state_;
};

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_SOCKET_DEADLINE_H_
