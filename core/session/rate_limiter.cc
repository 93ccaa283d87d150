#include "core/session/rate_limiter.h"

#include <algorithm>
#include <utility>

namespace portrait {
namespace {

// Growth of the rate above the last refused rate, per second: steps that grow
// with it find out what WhatsApp accepts now.
constexpr double kProbeGrowthPerSecond = 0.05;
// If no limit is configured, a rate this many times above the last refused one
// ends WhatsApp's limit.
constexpr double kForgetFactor = 8;

}  // namespace

RateLimiter::RateLimiter(double per_second, Clock clock)
    : configured_(std::max(per_second, 0.0)),
      clock_(std::move(clock)),
      rate_(configured_),
      tokens_(Burst()),
      updated_(clock_()) {}

double RateLimiter::Burst() const { return std::clamp(rate_, 1.0, kMaxBurst); }

absl::Time RateLimiter::NextAllowed() {
  const absl::Time now = clock_();
  Advance(now);
  if (blocked_until_ > now) return blocked_until_;
  if (rate_ == 0 || tokens_ >= 1) return absl::InfinitePast();
  // Rounded up, so that the token is there when a timer set to this time fires.
  return now + absl::Seconds((1 - tokens_) / rate_) + absl::Microseconds(1);
}

absl::Time RateLimiter::NextAllowedUrgent() {
  const absl::Time next = NextAllowed();
  const absl::Time now = updated_;
  if (next == absl::InfinitePast() || blocked_until_ > now) return next;
  const absl::Time spaced =
      acquired_at_ + absl::Seconds(1 / rate_) + absl::Microseconds(1);
  return spaced <= now ? absl::InfinitePast() : std::min(next, spaced);
}

void RateLimiter::Acquire(double tokens) {
  const absl::Time now = clock_();
  Advance(now);
  if (rate_ > 0) tokens_ -= tokens;
  acquired_at_ = now;
  const int64_t second = absl::ToUnixSeconds(now);
  // The remainder of a time before 1970 is negative.
  const int64_t place =
      (second % kMeasuredSeconds + kMeasuredSeconds) % kMeasuredSeconds;
  SecondCount& count = sent_[static_cast<size_t>(place)];
  if (count.second != second) count = {second, 0};
  ++count.queries;
}

void RateLimiter::OnAnswered(absl::Time sent_at) {
  // Only an answer to a query sent after the wait shows that the wait was long
  // enough.
  if (sent_at > refused_at_) next_backoff_ = kFirstBackoff;
}

bool RateLimiter::OnRefused(absl::Time sent_at, absl::Duration backoff) {
  const absl::Time now = clock_();
  Advance(now);
  // WhatsApp refuses all queries of a window together, which counts as one
  // refusal.
  const bool is_new = sent_at > refused_at_;
  if (backoff > absl::ZeroDuration()) {
    blocked_until_ =
        std::max(blocked_until_, now + std::min(backoff, kMaxToldBackoff));
  } else if (is_new) {
    blocked_until_ = std::max(blocked_until_, now + next_backoff_);
    next_backoff_ = std::min(next_backoff_ * 2, kMaxBackoff);
  }
  if (!is_new) return false;
  refused_at_ = now;
  const double measured = Measured(now);
  refused_rate_ =
      std::max(rate_ == 0 ? measured : std::min(rate_, std::max(measured, 1.0)),
               2 * kMinPerSecond);
  rate_ = std::max(refused_rate_ / 2, kMinPerSecond);
  tokens_ = 1;
  return true;
}

double RateLimiter::per_second() {
  Advance(clock_());
  return rate_;
}

void RateLimiter::Advance(absl::Time now) {
  if (now < updated_) updated_ = now;  // the clock was set back
  const absl::Time from = std::max(updated_, std::min(blocked_until_, now));
  if (now <= from) return;
  const double seconds = absl::ToDoubleSeconds(now - from);
  updated_ = now;
  if (rate_ == 0) return;
  tokens_ = std::min(tokens_ + rate_ * seconds, Burst());
  if (refused_rate_ > 0) Grow(seconds);
}

void RateLimiter::Grow(double seconds) {
  const double step =
      refused_rate_ / 2 / absl::ToDoubleSeconds(kRecoveryTime) * seconds;
  const double probe = rate_ * std::min(kProbeGrowthPerSecond * seconds, 1.0);
  rate_ += rate_ < refused_rate_ ? step : std::max(step, probe);
  if (configured_ > 0 ? rate_ >= configured_
                      : rate_ > kForgetFactor * refused_rate_) {
    rate_ = configured_;
    refused_rate_ = 0;
  }
}

double RateLimiter::Measured(absl::Time now) const {
  const int64_t second = absl::ToUnixSeconds(now);
  int64_t first = second;
  double queries = 0;
  for (const SecondCount& count : sent_) {
    if (count.queries == 0 || count.second > second ||
        count.second <= second - kMeasuredSeconds) {
      continue;
    }
    queries += count.queries;
    first = std::min(first, count.second);
  }
  const absl::Duration measured = now - absl::FromUnixSeconds(first);
  return queries / std::max(absl::ToDoubleSeconds(measured), 1.0);
}

}  // namespace portrait
