// Signal wakes coroutines that wait for a change.
#ifndef PORTRAIT_CORE_WHATSAPP_SIGNAL_H_
#define PORTRAIT_CORE_WHATSAPP_SIGNAL_H_

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/time/time.h"
#include "core/whatsapp/deadline.h"

namespace portrait::whatsapp {

// A waiter checks its condition, waits, and checks again, because it may be
// woken without a change. Confined to a strand; must outlive its waiters.
class Signal {
 public:
  explicit Signal(const boost::asio::any_io_executor& strand)
      : strand_(strand), timer_(strand) {
    timer_.expires_at(boost::asio::steady_timer::time_point::max());
  }

  void WakeAll() { timer_.cancel(); }

  // Waits until the next WakeAll().
  boost::asio::awaitable<void> Wait() {
    boost::system::error_code ignored;
    co_await timer_.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  }

  // Like Wait(), for at most `timeout`.
  boost::asio::awaitable<void> WaitFor(absl::Duration timeout) {
    Deadline deadline(strand_, timeout, [this] { WakeAll(); });
    co_await Wait();
  }

 private:
  const boost::asio::any_io_executor strand_;
  boost::asio::steady_timer timer_;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_SIGNAL_H_
