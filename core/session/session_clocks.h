// The two clocks of sessions: the wall clock, which an operator or NTP may set,
// and a steady clock, which never jumps.
#ifndef PORTRAIT_CORE_SESSION_SESSION_CLOCKS_H_
#define PORTRAIT_CORE_SESSION_SESSION_CLOCKS_H_

#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/steady_time.h"

namespace portrait {

struct SessionClocks {
  // For times that are stored or shown.
  Clock wall = SystemClock();
  // For durations: bans, backoffs, rates and turns are measured by this clock,
  // so that setting the wall clock back does not lengthen them.
  Clock steady = SteadyNow;

  // The wall clock's time when the steady clock reaches `time`.
  absl::Time ToWall(absl::Time time) const {
    return wall() + (time - steady());
  }
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_SESSION_CLOCKS_H_
