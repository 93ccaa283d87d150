#include "core/whatsapp/keepalive.h"

#include <algorithm>

#include "core/base/random.h"

namespace portrait::whatsapp {
namespace {

// Decisions are this much late at most, as a part of the shorter limit.
constexpr int kPeriodsPerLimit = 8;

}  // namespace

Keepalive::Keepalive(Options options, absl::Time now)
    : options_(options),
      last_received_(now),
      waiting_since_(now),
      idle_limit_(options.interval * RandomBetween(1, 2)) {}

void Keepalive::OnReceived(absl::Time now) {
  last_received_ = now;
  if (!pinged_) return;
  pinged_ = false;
  idle_limit_ = options_.interval * RandomBetween(1, 2);
}

void Keepalive::OnRequest(absl::Time now, bool others_pending) {
  if (!others_pending) waiting_since_ = now;
}

Keepalive::Action Keepalive::Decide(absl::Time now, bool requests_pending) {
  if (!requests_pending) {
    if (pinged_ || now - last_received_ < idle_limit_) return Action::kNone;
    pinged_ = true;
    return Action::kPing;
  }
  const absl::Duration silence = now - std::max(last_received_, waiting_since_);
  if (silence >= options_.dead_after) return Action::kDead;
  // WhatsApp leaves some questions without an answer for ever. A ping tells
  // such a question from a dead line, before the line is given up.
  if (!pinged_ && silence >= options_.dead_after / 2) {
    pinged_ = true;
    return Action::kPing;
  }
  return Action::kNone;
}

absl::Duration Keepalive::period() const {
  return std::max(
      std::min(options_.interval, options_.dead_after) / kPeriodsPerLimit,
      absl::Milliseconds(1));
}

}  // namespace portrait::whatsapp
