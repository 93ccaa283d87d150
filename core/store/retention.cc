#include "core/store/retention.h"

#include <limits>

namespace portrait {

int64_t DayOf(absl::Time time) {
  constexpr int64_t kSecondsPerDay = 24 * 60 * 60;
  const int64_t seconds = absl::ToUnixSeconds(time);
  return seconds / kSecondsPerDay - (seconds % kSecondsPerDay < 0 ? 1 : 0);
}

// A contact used on a day is kept until `keep_` after the end of that day.
int64_t Retention::FirstKeptDay() const {
  return is_limited() ? DayOf(FirstKeptTime())
                      : std::numeric_limits<int64_t>::min();
}

}  // namespace portrait
