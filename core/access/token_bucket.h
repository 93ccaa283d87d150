// TokenBucket limits a rate per second; the tokens of one second may be used at
// once.
#ifndef PORTRAIT_CORE_ACCESS_TOKEN_BUCKET_H_
#define PORTRAIT_CORE_ACCESS_TOKEN_BUCKET_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "absl/time/time.h"

namespace portrait {

// Thread-compatible. If the clock is set back, no tokens are added.
class TokenBucket {
 public:
  // Sets the rate; 0: no limit. The bucket holds one second's tokens, at least
  // one. It is full at first, and after a change from no limit.
  void SetRate(double per_second, absl::Time now) {
    if (per_second == per_second_) return;
    Fill(now);
    if (per_second_ == 0) level_ = Capacity(per_second);
    per_second_ = per_second;
    level_ = std::min(level_, Capacity(per_second));
    filled_at_ = now;
  }

  // Takes up to `wanted` tokens, but leaves `keep` in the bucket.
  size_t Take(size_t wanted, size_t keep, absl::Time now) {
    if (per_second_ == 0) return wanted;
    Fill(now);
    const double spare = std::floor(level_ - static_cast<double>(keep));
    const size_t taken = spare <= 0 ? 0
                         : spare >= static_cast<double>(wanted)
                             ? wanted
                             : static_cast<size_t>(spare);
    level_ -= static_cast<double>(taken);
    return taken;
  }

  // The time until a token is available, if no other caller takes it.
  absl::Duration UntilNext(absl::Time now) {
    if (per_second_ == 0) return absl::ZeroDuration();
    Fill(now);
    return level_ >= 1 ? absl::ZeroDuration()
                       : absl::Seconds((1 - level_) / per_second_);
  }

  // The most tokens that the bucket holds.
  size_t capacity() const {
    return per_second_ == 0 ? std::numeric_limits<size_t>::max()
                            : static_cast<size_t>(Capacity(per_second_));
  }

 private:
  static double Capacity(double per_second) { return std::max(per_second, 1.); }

  void Fill(absl::Time now) {
    const absl::Duration passed = now - filled_at_;
    filled_at_ = now;
    if (passed <= absl::ZeroDuration()) return;
    level_ = std::min(level_ + absl::ToDoubleSeconds(passed) * per_second_,
                      Capacity(per_second_));
  }

  double per_second_ = 0;
  double level_ = 0;
  absl::Time filled_at_ = absl::InfinitePast();
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_TOKEN_BUCKET_H_
