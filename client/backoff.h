// How long to wait before the next attempt: twice as long each time, with
// jitter, so that many clients do not come back to a restarted server at once.
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

  // Between half of the current step and all of it; the step then doubles.
  absl::Duration Next();
  void Reset() { current_ = first_; }

 private:
  const absl::Duration first_;
  const absl::Duration longest_;
  absl::Duration current_;
  absl::BitGen random_;
};

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_BACKOFF_H_
