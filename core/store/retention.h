// Retention says how long unused contacts are kept.
//
// A contact is used when it is looked up or checked at WhatsApp. Days of UTC
// count: one that is looked up all the time, and answered from the store, is
// written once a day for it (`used_day`). It goes when `keep` and no more than
// a day have passed since.
//
// A change expires by its own age, used or not: the change log and the
// history reach back as far as `keep`.
#ifndef PORTRAIT_CORE_STORE_RETENTION_H_
#define PORTRAIT_CORE_STORE_RETENTION_H_

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/time/time.h"
#include "core/base/clock.h"

namespace portrait {

// Days since 1970 began, in UTC.
int64_t DayOf(absl::Time time);

// When the contact was last used, as far as its record says, a RecordView or a
// ContactRecord; 0: it does not.
template <typename Record>
int64_t LastUsedDay(const Record& record) {
  return std::max<int64_t>(
      record.used_day(),
      DayOf(absl::FromUnixSeconds(record.check_time().seconds())));
}

// Whether a contact of which that is known is past retention. One that does not
// say is of an earlier version, and about to.
inline bool IsPast(int64_t last_used_day, int64_t first_kept_day) {
  return last_used_day != 0 && last_used_day < first_kept_day;
}

// Thread-safe.
class Retention {
 public:
  // InfiniteDuration: everything is kept.
  Retention(absl::Duration keep, Clock clock)
      : keep_(keep), clock_(std::move(clock)) {}

  bool is_limited() const { return keep_ < absl::InfiniteDuration(); }
  absl::Time Now() const { return clock_(); }
  int64_t Today() const { return DayOf(clock_()); }

  // A contact that was used on that day or later is still kept.
  int64_t FirstKeptDay() const;
  // A change that was seen then or later is still kept.
  absl::Time FirstKeptTime() const { return clock_() - keep_; }

 private:
  const absl::Duration keep_;
  const Clock clock_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_RETENTION_H_
