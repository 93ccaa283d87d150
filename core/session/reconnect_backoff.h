// How long a session waits before it connects again.
#ifndef PORTRAIT_CORE_SESSION_RECONNECT_BACKOFF_H_
#define PORTRAIT_CORE_SESSION_RECONNECT_BACKOFF_H_

#include "absl/time/time.h"
#include "core/whatsapp/stream_end.h"

namespace portrait {

// As WhatsApp's own web client does: at once, then 1, 1, 2, 3, 5, 8, … s with
// 10 % jitter, at most 15 min; from the start again after a connection that
// was stable. Being told to slow down counts for five.
//
// Thread-compatible.
class ReconnectBackoff {
 public:
  static constexpr absl::Duration kMax = absl::Seconds(900);
  static constexpr absl::Duration kStableAfter = absl::Seconds(30);
  static constexpr int kThrottledSteps = 5;
  // A server that asks for more restarts than this in a row is not obeyed at
  // once any more.
  static constexpr int kMaxRestartsAtOnce = 3;

  // The wait after a connection that was logged in for `lasted` (zero: it never
  // was) and ended so.
  absl::Duration Next(whatsapp::StreamEnd::Kind kind, absl::Duration lasted);

  void Reset() { *this = ReconnectBackoff(); }

 private:
  int step_ = 0;
  int restarts_ = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_RECONNECT_BACKOFF_H_
