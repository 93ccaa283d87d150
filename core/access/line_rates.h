// LineRates limits the rate of each tenant's lines in the audit log, so that
// one tenant cannot push the lines of others out of the files.
#ifndef PORTRAIT_CORE_ACCESS_LINE_RATES_H_
#define PORTRAIT_CORE_ACCESS_LINE_RATES_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace portrait {

// Thread-compatible. Remembers a tenant while it exceeds the rate, or has lost
// lines that were not reported yet.
class LineRates {
 public:
  // `lines_per_second` 0: no limit.
  explicit LineRates(double lines_per_second) : rate_(lines_per_second) {}

  // Returns whether a line may be written; if not, counts it as lost. `now` may
  // be earlier than before.
  bool Admit(const std::string& tenant, absl::Time now);

  bool has_lost() const { return has_lost_; }
  // The number of lines lost since the last call, by tenant.
  std::vector<std::pair<std::string, uint64_t>> TakeLost(absl::Time now);

 private:
  struct Pace {
    // The time at which all lines so far would be written at the rate.
    absl::Time busy_until = absl::InfinitePast();
    uint64_t lost = 0;
  };

  const double rate_;
  absl::flat_hash_map<std::string, Pace> paces_;
  bool has_lost_ = false;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_LINE_RATES_H_
