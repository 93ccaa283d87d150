// RateLimiter says when the next query of one kind may leave, so that an
// account asks no faster than we or WhatsApp want it to.
#ifndef PORTRAIT_CORE_SESSION_RATE_LIMITER_H_
#define PORTRAIT_CORE_SESSION_RATE_LIMITER_H_

#include <array>
#include <cstdint>

#include "absl/time/time.h"
#include "core/base/clock.h"

namespace portrait {

// A token bucket whose rate adapts: "rate-overlimit" halves it, each second
// without one brings it nearer to what is configured. The bucket holds what a
// second brings, at least one query.
//
// Thread-compatible.
class RateLimiter {
 public:
  // Wait after a refusal that names none; doubles with each one in a row.
  static constexpr absl::Duration kFirstBackoff = absl::Seconds(30);
  static constexpr absl::Duration kMaxBackoff = absl::Hours(1);
  // Longer waits than this are not believed.
  static constexpr absl::Duration kMaxToldBackoff = absl::Hours(24);
  // A halved rate is back at what it was after this long.
  static constexpr absl::Duration kRecoveryTime = absl::Seconds(60);
  static constexpr double kMinPerSecond = 1.0 / 60;
  static constexpr double kMaxBurst = 100;  // queries

  // `per_second` 0: no limit until WhatsApp sets one.
  RateLimiter(double per_second, Clock clock);

  // When the next query may leave; InfinitePast: at once.
  absl::Time NextAllowed();
  bool Allowed() { return NextAllowed() == absl::InfinitePast(); }
  // A query leaves. Call only when Allowed().
  void Acquire();

  // A query sent at `sent_at` was answered.
  void OnAnswered(absl::Time sent_at);
  // … or refused with the `backoff` that WhatsApp asks for (zero: none told).
  // False: it left before the last refusal came and belongs to that one.
  bool OnRefused(absl::Time sent_at, absl::Duration backoff);

  // Nothing may be sent before this time, as WhatsApp wishes; in the past: it
  // wishes nothing.
  absl::Time blocked_until() const { return blocked_until_; }
  // Queries per second as adapted right now; 0: no limit.
  double per_second();

 private:
  // What was sent lately, by the second.
  static constexpr int64_t kMeasuredSeconds = 5;
  struct SecondCount {
    int64_t second = 0;
    uint32_t queries = 0;
  };

  // Brings rate and tokens up to `now`.
  void Advance(absl::Time now);
  void Grow(double seconds);
  double Measured(absl::Time now) const;
  double Burst() const;

  const double configured_;
  const Clock clock_;

  double rate_;  // tokens per second; 0: no limit
  double tokens_;
  absl::Time updated_;

  double refused_rate_ = 0;  // what the rate was when it was last refused
  absl::Time refused_at_ = absl::InfinitePast();
  absl::Time blocked_until_ = absl::InfinitePast();
  absl::Duration next_backoff_ = kFirstBackoff;
  std::array<SecondCount, kMeasuredSeconds> sent_ = {};
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_RATE_LIMITER_H_
