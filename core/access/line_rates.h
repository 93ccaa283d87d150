// LineRates bounds how many lines each tenant writes to the audit log, so that
// one tenant does not rotate the lines of the others away.
#ifndef PORTRAIT_CORE_ACCESS_LINE_RATES_H_
#define PORTRAIT_CORE_ACCESS_LINE_RATES_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace portrait {

// Thread-compatible. Remembers tenants for as long as they write faster than
// the rate, or have lines that were not told of.
class LineRates {
 public:
  // 0: no limit.
  explicit LineRates(double lines_per_second) : rate_(lines_per_second) {}

  // Whether a line may be written; if not, it is counted. `now` may go back.
  bool Admit(const std::string& tenant, absl::Time now);

  bool has_lost() const { return has_lost_; }
  // The lines that were not admitted since the last call, by tenant.
  std::vector<std::pair<std::string, uint64_t>> TakeLost(absl::Time now);

 private:
  struct Pace {
    // When the lines so far would all have been written at the rate.
    absl::Time busy_until = absl::InfinitePast();
    uint64_t lost = 0;
  };

  const double rate_;
  absl::flat_hash_map<std::string, Pace> paces_;
  bool has_lost_ = false;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_LINE_RATES_H_
