// Which of two records counts where a contact has two addresses: one rule for
// lookups, history and sessions.
#ifndef PORTRAIT_CORE_CONTACT_PRECEDENCE_H_
#define PORTRAIT_CORE_CONTACT_PRECEDENCE_H_

#include "absl/time/time.h"

namespace portrait {

// What is known of a contact under one of its addresses.
struct AddressFacts {
  bool is_known = false;       // there is a record, or WhatsApp told something
  bool is_registered = false;  // an account is registered under this address
  absl::Time checked_at = absl::InfinitePast();  // of CheckedAt()
};

// When a record was checked: `stored`, unless that is after `now`. A clock that
// ran ahead makes nothing newer.
inline absl::Time CheckedAt(absl::Time stored, absl::Time now) {
  return stored > now ? absl::InfinitePast() : stored;
}

// Whether `a` counts before `b`:
//   1. what is known before what is not,
//   2. the address under which an account is registered,
//   3. the one that was checked later. If both are equal, `a`, which is the
//      address as the caller wrote it.
inline bool CountsBefore(const AddressFacts& a, const AddressFacts& b) {
  if (a.is_known != b.is_known) return a.is_known;
  if (a.is_registered != b.is_registered) return a.is_registered;
  return a.checked_at >= b.checked_at;
}

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_PRECEDENCE_H_
