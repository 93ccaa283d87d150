// Which address of a contact counts: the only rule of this kind, followed by
// lookups, sessions, history and erasure.
#ifndef PORTRAIT_CORE_CONTACT_PRECEDENCE_H_
#define PORTRAIT_CORE_CONTACT_PRECEDENCE_H_

#include "absl/time/time.h"

namespace portrait {

// What is known of a contact under one of its addresses. A greater value counts
// before a smaller one.
enum class AddressState {
  kUnknown,        // no record, or no query has asked about it
  kNotRegistered,  // there is a record, but no account is registered
  kUndecided,      // WhatsApp was asked and did not say
  kRegistered,     // an account is registered
  kDecisive,       // an objection, or a record that cannot be read
};

struct AddressFacts {
  AddressState state = AddressState::kUnknown;
  absl::Time checked_at = absl::InfinitePast();  // of CheckedAt()
};

// When a record was checked: `stored`, unless that is after `now`. A clock that
// ran ahead makes no record newer.
inline absl::Time CheckedAt(absl::Time stored, absl::Time now) {
  return stored > now ? absl::InfinitePast() : stored;
}

// Whether `a` counts before `b`: by state, then by the later check. If both are
// equal, `a` counts, which is the contact's first address.
inline bool CountsBefore(const AddressFacts& a, const AddressFacts& b) {
  if (a.state != b.state) return a.state > b.state;
  return a.checked_at >= b.checked_at;
}

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_PRECEDENCE_H_
