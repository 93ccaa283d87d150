// The day of a contact's last use, without days in the future.
#ifndef PORTRAIT_CORE_STORE_LAST_USE_H_
#define PORTRAIT_CORE_STORE_LAST_USE_H_

#include <cstdint>

#include "core/store/retention.h"

namespace portrait {

// Like LastUsedDay, but ignores days in the future, from a clock that ran ahead
// and was corrected. 0: no day is known. One day of tolerance allows for
// midnight on other threads.
template <typename Record>
int64_t KnownLastUse(const Record& record, int64_t today) {
  const int64_t used = record.used_day();
  const int64_t checked =
      DayOf(absl::FromUnixSeconds(record.check_time().seconds()));
  return std::max<int64_t>(used <= today + 1 ? used : 0,
                           checked <= today + 1 ? checked : 0);
}

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_LAST_USE_H_
