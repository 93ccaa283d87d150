// RateLimiter determines when the next query of one kind may be sent, so that
// an account exceeds neither our limit nor WhatsApp's.
#ifndef PORTRAIT_CORE_SESSION_RATE_LIMITER_H_
#define PORTRAIT_CORE_SESSION_RATE_LIMITER_H_

#include <array>
#include <cstdint>

#include "absl/time/time.h"
#include "core/base/clock.h"

namespace portrait {

// A token bucket with an adaptive rate: "rate-overlimit" halves it, and each
// second without a refusal brings it closer to the configured rate. The bucket
// holds the tokens of one second, at least one.
//
// Thread-compatible.
class RateLimiter {
 public:
  // The wait after a refusal without a time; doubles with each refusal in a
  // row.
  static constexpr absl::Duration kFirstBackoff = absl::Seconds(30);
  static constexpr absl::Duration kMaxBackoff = absl::Hours(1);
  // Longer waits in WhatsApp's answers are cut to this.
  static constexpr absl::Duration kMaxToldBackoff = absl::Hours(24);
  // The time in which a halved rate recovers.
  static constexpr absl::Duration kRecoveryTime = absl::Seconds(60);
  static constexpr double kMinPerSecond = 1.0 / 60;
  static constexpr double kMaxBurst = 100;  // queries

  // `per_second` 0: no limit until WhatsApp sets one.
  RateLimiter(double per_second, Clock clock);

  // The time when the next query may be sent; InfinitePast: at once.
  absl::Time NextAllowed();
  bool Allowed() { return NextAllowed() == absl::InfinitePast(); }
  // The same for an urgent query, which does not wait until a large query
  // before it is paid for, but only for the time of one token since the last
  // query.
  absl::Time NextAllowedUrgent();
  bool AllowedUrgent() { return NextAllowedUrgent() == absl::InfinitePast(); }
  // Takes the tokens that a query costs. Call it only if NextAllowed() or
  // NextAllowedUrgent() has passed. A query may cost more tokens than there
  // are: it is sent at once, and the next one when it is paid for.
  void Acquire(double tokens = 1);

  // A query sent at `sent_at` was answered.
  void OnAnswered(absl::Time sent_at);
  // WhatsApp refused the query; `backoff` is zero if WhatsApp gave none.
  // Returns false if the query was sent before the last refusal and belongs to
  // it.
  bool OnRefused(absl::Time sent_at, absl::Duration backoff);

  // WhatsApp allows no queries before this time; a time in the past means no
  // wait.
  absl::Time blocked_until() const { return blocked_until_; }
  // The adapted rate in queries per second; 0: no limit.
  double per_second();

 private:
  // Sent queries per second during the last seconds.
  static constexpr int64_t kMeasuredSeconds = 5;
  struct SecondCount {
    int64_t second = 0;
    uint32_t queries = 0;
  };

  // Updates rate and tokens to `now`.
  void Advance(absl::Time now);
  void Grow(double seconds);
  double Measured(absl::Time now) const;
  double Burst() const;

  const double configured_;
  const Clock clock_;

  double rate_;    // tokens per second; 0: no limit
  double tokens_;  // below zero while a large query is being paid for
  absl::Time updated_;
  absl::Time acquired_at_ = absl::InfinitePast();  // the last query

  double refused_rate_ = 0;  // the rate at the last refusal
  absl::Time refused_at_ = absl::InfinitePast();
  absl::Time blocked_until_ = absl::InfinitePast();
  absl::Duration next_backoff_ = kFirstBackoff;
  std::array<SecondCount, kMeasuredSeconds> sent_ = {};
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_RATE_LIMITER_H_
