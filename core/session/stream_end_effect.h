// What the end of a stream makes of a session.
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
  // Until it connects again; InfiniteDuration: only when somebody helps.
  absl::Duration wait;
};

// `reconnect_wait`: how long to wait where WhatsApp leaves that to us. A
// session that WhatsApp stopped for a reason that has no state of its own is
// PAUSED: Resume tries again.
StreamEndEffect EffectOf(const whatsapp::StreamEnd& end,
                         absl::Duration reconnect_wait);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_STREAM_END_EFFECT_H_
