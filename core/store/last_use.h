// When a contact was last used, as far as today's clock can tell.
#ifndef PORTRAIT_CORE_STORE_LAST_USE_H_
#define PORTRAIT_CORE_STORE_LAST_USE_H_

#include <cstdint>

#include "core/store/retention.h"

namespace portrait {

// Like LastUsedDay, but days that have not come yet count for nothing: the
// machine's clock ran ahead and was put right. 0: no day is known. One day is
// allowed for what happens at midnight on other threads.
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
