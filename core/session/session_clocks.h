// The two clocks of sessions: the wall clock, which an operator or NTP may set,
// and a steady one, which no correction reaches.
#ifndef PORTRAIT_CORE_SESSION_SESSION_CLOCKS_H_
#define PORTRAIT_CORE_SESSION_SESSION_CLOCKS_H_

#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/steady_time.h"

namespace portrait {

struct SessionClocks {
  // When something happened, as it is stored and shown.
  Clock wall = SystemClock();
  // How long something lasts: each ban, backoff, rate and turn is measured by
  // this clock, so that a wall clock that is set back does not lengthen it.
  Clock steady = SteadyNow;

  // What the wall clock will show when the steady clock shows `time`.
  absl::Time ToWall(absl::Time time) const {
    return wall() + (time - steady());
  }
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_SESSION_CLOCKS_H_
