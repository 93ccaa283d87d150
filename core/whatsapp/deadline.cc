#include "core/whatsapp/deadline.h"

#include <algorithm>
#include <utility>

namespace portrait::whatsapp {
namespace {

constexpr absl::Duration kLongestWait = absl::Hours(24);

}  // namespace

std::chrono::nanoseconds ToTimerDuration(absl::Duration duration) {
  return absl::ToChronoNanoseconds(
      std::clamp(duration, absl::ZeroDuration(), kLongestWait));
}

Deadline::Deadline(boost::asio::any_io_executor strand, absl::Duration duration,
                   std::function<void()> on_expiry)
    : state_(std::make_shared<State>(std::move(strand))) {
  state_->on_expiry = std::move(on_expiry);
  state_->timer.expires_after(ToTimerDuration(duration));
  state_->timer.async_wait(
      [state = state_](const boost::system::error_code& error) {
        if (error || state->disarmed) return;
        state->expired = true;
        state->on_expiry();
      });
}

Deadline::~Deadline() {
  state_->disarmed = true;
  state_->timer.cancel();
}

}  // namespace portrait::whatsapp
