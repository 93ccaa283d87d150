#include "core/session/reconnect_backoff.h"

#include <algorithm>

#include "core/base/random.h"

namespace portrait {
namespace {

constexpr double kJitter = 0.1;

// Returns 0, 1, 1, 2, 3, 5, 8, … seconds.
absl::Duration Fibonacci(int step) {
  absl::Duration current = absl::ZeroDuration();
  absl::Duration next = absl::Seconds(1);
  for (; step > 0 && current < ReconnectBackoff::kMax; --step) {
    const absl::Duration sum = current + next;
    current = next;
    next = sum;
  }
  return std::min(current, ReconnectBackoff::kMax);
}

}  // namespace

absl::Duration ReconnectBackoff::Next(whatsapp::StreamEnd::Kind kind,
                                      absl::Duration lasted) {
  if (lasted >= kStableAfter) Reset();
  if (kind == whatsapp::StreamEnd::Kind::kRestart) {
    if (++restarts_ <= kMaxRestartsAtOnce) return absl::ZeroDuration();
  } else {
    restarts_ = 0;
  }
  if (kind == whatsapp::StreamEnd::Kind::kThrottled) step_ += kThrottledSteps;
  const absl::Duration wait = Fibonacci(step_);
  ++step_;
  return std::min(wait * RandomBetween(1 - kJitter, 1 + kJitter), kMax);
}

}  // namespace portrait
