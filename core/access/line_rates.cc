#include "core/access/line_rates.h"

#include <algorithm>

namespace portrait {
namespace {

// A burst may have the lines of this time at the rate.
constexpr absl::Duration kBurst = absl::Minutes(1);

}  // namespace

bool LineRates::Admit(const std::string& tenant, absl::Time now) {
  if (rate_ <= 0) return true;
  Pace& pace = paces_[tenant];
  // If a clock that ran ahead is corrected, at most the burst is used up.
  pace.busy_until = std::clamp(pace.busy_until, now, now + kBurst);
  if (pace.busy_until + absl::Seconds(1 / rate_) > now + kBurst) {
    ++pace.lost;
    has_lost_ = true;
    return false;
  }
  pace.busy_until += absl::Seconds(1 / rate_);
  return true;
}

std::vector<std::pair<std::string, uint64_t>> LineRates::TakeLost(
    absl::Time now) {
  std::vector<std::pair<std::string, uint64_t>> lost;
  for (auto& [tenant, pace] : paces_) {
    if (pace.lost > 0) lost.emplace_back(tenant, pace.lost);
    pace.lost = 0;
  }
  absl::erase_if(paces_, [now](const auto& each) {
    return each.second.busy_until <= now;
  });
  has_lost_ = false;
  return lost;
}

}  // namespace portrait
