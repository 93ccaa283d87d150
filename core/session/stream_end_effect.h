// The effect of a stream's end on its session.
#ifndef PORTRAIT_CORE_SESSION_STREAM_END_EFFECT_H_
#define PORTRAIT_CORE_SESSION_STREAM_END_EFFECT_H_

#include <string>

#include "absl/time/time.h"
#include "core/whatsapp/stream_end.h"
#include "portrait/v1/session.pb.h"

namespace portrait {

struct StreamEndEffect {
  v1::SessionState state = v1::SESSION_STATE_CONNECTING;
  std::string reason;
  // The wait before reconnecting; InfiniteDuration: until an operator acts.
  absl::Duration wait;
};

// `reconnect_wait` is used if WhatsApp gives no time. If WhatsApp stopped a
// session for a reason without a state of its own, the session is PAUSED:
// Resume tries again.
StreamEndEffect EffectOf(const whatsapp::StreamEnd& end,
                         absl::Duration reconnect_wait);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_STREAM_END_EFFECT_H_
