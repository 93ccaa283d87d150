// Backoff is exponential backoff with jitter. The jitter prevents many clients
// from reconnecting to a restarted server at the same moment.
#ifndef PORTRAIT_CLIENT_BACKOFF_H_
#define PORTRAIT_CLIENT_BACKOFF_H_

#include "absl/random/random.h"
#include "absl/time/time.h"

namespace portrait::client {

// Thread-compatible.
class Backoff {
 public:
  // Requires 0 < `first` <= `longest`.
  Backoff(absl::Duration first, absl::Duration longest)
      : first_(first), longest_(longest), current_(first) {}

  // Returns how long to wait before the next attempt: a random duration between
  // half of the current step and the whole step. Then doubles the step, up to
  // `longest`.
  absl::Duration Next();
  // Starts again with `first`, after an attempt that succeeded.
  void Reset() { current_ = first_; }

 private:
  const absl::Duration first_;
  const absl::Duration longest_;
  absl::Duration current_;
  absl::BitGen random_;
};

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_BACKOFF_H_
