// Deadline is a timer that ends an operation which takes too long.
#ifndef PORTRAIT_CORE_WHATSAPP_DEADLINE_H_
#define PORTRAIT_CORE_WHATSAPP_DEADLINE_H_

#include <chrono>
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/time/time.h"

namespace portrait::whatsapp {

// Limits a duration for steady_timer: never negative, at most a day, so that
// adding it to the clock cannot overflow.
std::chrono::nanoseconds ToTimerDuration(absl::Duration duration);

// Calls `on_expiry` on `strand` after `duration`, but not after the Deadline's
// destruction. Confined to `strand`.
class Deadline {
 public:
  Deadline(boost::asio::any_io_executor strand, absl::Duration duration,
           std::function<void()> on_expiry);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  bool expired() const { return state_->expired; }

 private:
  // Held by the pending wait, whose handler may already be queued when the
  // Deadline is destroyed.
  struct State {
    explicit State(boost::asio::any_io_executor strand) : timer(strand) {}
    boost::asio::steady_timer timer;
    std::function<void()> on_expiry;
    bool expired = false;
    bool disarmed = false;
  };
  const std::shared_ptr<State> state_;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_DEADLINE_H_
