// ConnectPacer spreads the connections of many sessions over time, so that a
// fleet that starts or was disconnected does not reconnect to WhatsApp all at
// once.
#ifndef PORTRAIT_CORE_SESSION_CONNECT_PACER_H_
#define PORTRAIT_CORE_SESSION_CONNECT_PACER_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace portrait {

// Thread-safe.
class ConnectPacer {
 public:
  // `per_second` 0: no limit.
  explicit ConnectPacer(double per_second)
      : spacing_(per_second > 0 ? absl::Seconds(1 / per_second)
                                : absl::ZeroDuration()) {}

  // The time when a session that is ready to connect `now` may connect: at
  // once, or one spacing after the previous session's turn. Each call takes a
  // turn.
  absl::Time TakeTurn(absl::Time now);

 private:
  const absl::Duration spacing_;

  absl::Mutex mu_;
  absl::Time next_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_CONNECT_PACER_H_
