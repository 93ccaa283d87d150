// GuardFinding is what the enumeration guard found out about a tenant.
#ifndef PORTRAIT_SERVER_GUARD_FINDING_H_
#define PORTRAIT_SERVER_GUARD_FINDING_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace portrait {

// A value type.
struct GuardFinding {
  std::string tenant;
  // "crowded" or "unregistered"; empty if the tenant was paused before the
  // server started.
  std::string sign;
  absl::Time found_at;      // when it was last paused, or first refused
  absl::Time paused_until;  // may have passed
  uint64_t refused = 0;     // numbers, since the server started
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_GUARD_FINDING_H_
