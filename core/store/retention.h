// Retention decides how long unused contacts are kept.
//
// A contact is used when it is looked up or checked at WhatsApp. The unit is a
// day in UTC: a contact that lookups read from the store all the time is
// written once a day (`used_day`). It expires when `keep`, plus at most a day,
// has passed since its last use.
//
// A change expires by its own age, whether its contact is used or not: the
// change log and the history reach back as far as `keep`.
#ifndef PORTRAIT_CORE_STORE_RETENTION_H_
#define PORTRAIT_CORE_STORE_RETENTION_H_

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/time/time.h"
#include "core/base/clock.h"

namespace portrait {

// Days since 1970-01-01 in UTC.
int64_t DayOf(absl::Time time);

// The day of the contact's last use by its record, a RecordView or a
// ContactRecord; 0: the record has no such day.
template <typename Record>
int64_t LastUsedDay(const Record& record) {
  return std::max<int64_t>(
      record.used_day(),
      DayOf(absl::FromUnixSeconds(record.check_time().seconds())));
}

// Whether a contact is past retention. A record without a day of use is from an
// earlier version, whose migration is about to add one, so it is kept.
inline bool IsPast(int64_t last_used_day, int64_t first_kept_day) {
  return last_used_day != 0 && last_used_day < first_kept_day;
}

// Thread-safe.
class Retention {
 public:
  // If `keep` is InfiniteDuration, all contacts are kept.
  Retention(absl::Duration keep, Clock clock)
      : keep_(keep), clock_(std::move(clock)) {}

  bool is_limited() const { return keep_ < absl::InfiniteDuration(); }
  absl::Time Now() const { return clock_(); }
  int64_t Today() const { return DayOf(clock_()); }

  // Contacts that were used on that day or later are kept.
  int64_t FirstKeptDay() const;
  // Changes that were seen at that time or later are kept.
  absl::Time FirstKeptTime() const { return clock_() - keep_; }

 private:
  const absl::Duration keep_;
  const Clock clock_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_RETENTION_H_
