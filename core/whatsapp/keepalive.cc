#include "core/whatsapp/keepalive.h"

#include <algorithm>

#include "core/base/random.h"

namespace portrait::whatsapp {
namespace {

// Decide() runs this many times within the shorter limit, which bounds its
// delay.
constexpr int kPeriodsPerLimit = 8;

}  // namespace

Keepalive::Keepalive(Options options, absl::Time now)
    : options_(options),
      last_received_(now),
      idle_limit_(options.interval * RandomBetween(1, 2)) {}

void Keepalive::OnReceived(absl::Time now) {
  last_received_ = now;
  unanswered_since_.reset();
  if (!pinged_) return;
  pinged_ = false;
  idle_limit_ = options_.interval * RandomBetween(1, 2);
}

void Keepalive::OnSent(absl::Time now) {
  if (!unanswered_since_.has_value()) unanswered_since_ = now;
}

Keepalive::Action Keepalive::Decide(absl::Time now, bool requests_pending) {
  const bool waiting = unanswered_since_.has_value() || requests_pending;
  if (waiting) {
    const absl::Duration silence =
        now - unanswered_since_.value_or(last_received_);
    if (silence >= options_.dead_after) return Action::kDead;
    // WhatsApp never answers some requests, and acks have no answer. A ping
    // distinguishes these from a dead connection, before the connection is
    // closed.
    if (!pinged_ && silence >= options_.dead_after / 2) return Ping();
  }
  if (pinged_ || now - last_received_ < idle_limit_) return Action::kNone;
  return Ping();
}

Keepalive::Action Keepalive::Ping() {
  pinged_ = true;
  return Action::kPing;
}

absl::Duration Keepalive::period() const {
  return std::max(
      std::min(options_.interval, options_.dead_after) / kPeriodsPerLimit,
      absl::Milliseconds(1));
}

}  // namespace portrait::whatsapp
