#include "core/store/retention.h"

#include <algorithm>
#include <limits>

namespace portrait {
namespace {

constexpr int64_t kSecondsPerDay = 24 * 60 * 60;

int64_t DayOfSeconds(int64_t seconds) {
  return seconds / kSecondsPerDay - (seconds % kSecondsPerDay < 0 ? 1 : 0);
}

}  // namespace

int64_t DayOf(absl::Time time) {
  return DayOfSeconds(absl::ToUnixSeconds(time));
}

int64_t LastUsedDay(const RecordView& record) {
  return std::max<int64_t>(record.used_day(),
                           DayOfSeconds(record.check_time().seconds()));
}

int64_t LastUsedDay(const store::v1::ContactRecord& record) {
  return std::max<int64_t>(record.used_day(),
                           DayOfSeconds(record.check_time().seconds()));
}

// It is kept until `keep_` after the end of its day.
int64_t Retention::FirstKeptDay() const {
  return is_limited() ? DayOf(FirstKeptTime())
                      : std::numeric_limits<int64_t>::min();
}

}  // namespace portrait
