// Computes how long a session waits before it reconnects.
#ifndef PORTRAIT_CORE_SESSION_RECONNECT_BACKOFF_H_
#define PORTRAIT_CORE_SESSION_RECONNECT_BACKOFF_H_

#include "absl/time/time.h"
#include "core/whatsapp/stream_end.h"

namespace portrait {

// Waits as WhatsApp's web client does: no wait, then 1, 1, 2, 3, 5, 8, … s with
// 10 % jitter, at most 15 min. A stable connection resets the sequence. A
// request of WhatsApp to slow down advances it by five steps.
//
// Thread-compatible.
class ReconnectBackoff {
 public:
  static constexpr absl::Duration kMax = absl::Seconds(900);
  static constexpr absl::Duration kStableAfter = absl::Seconds(30);
  static constexpr int kThrottledSteps = 5;
  // After this many restarts in a row at the server's request, the session
  // waits before the next one.
  static constexpr int kMaxRestartsAtOnce = 3;

  // The wait after a connection that ended with `kind` and was logged in for
  // `lasted` (zero: it never was).
  absl::Duration Next(whatsapp::StreamEnd::Kind kind, absl::Duration lasted);

  void Reset() { *this = ReconnectBackoff(); }

 private:
  int step_ = 0;
  int restarts_ = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_RECONNECT_BACKOFF_H_
