// Decides which address of a contact takes precedence. Lookups, sessions,
// history and erasure all use this rule.
#ifndef PORTRAIT_CORE_CONTACT_PRECEDENCE_H_
#define PORTRAIT_CORE_CONTACT_PRECEDENCE_H_

#include "absl/time/time.h"

namespace portrait {

// The knowledge about a contact under one of its addresses. The address with
// the greater value takes precedence.
enum class AddressState {
  kUnknown,        // no record, or no query has asked about it
  kNotRegistered,  // there is a record, but no account is registered
  kUndecided,      // WhatsApp was asked and did not say
  kRegistered,     // an account is registered
  kDecisive,       // an objection, or a record that cannot be read
};

struct AddressFacts {
  AddressState state = AddressState::kUnknown;
  absl::Time checked_at = absl::InfinitePast();  // the result of CheckedAt()
};

// The time of a record's check: `stored`, or `now` if `stored` is later than
// `now`. Thus a clock that ran ahead does not make a record newer.
inline absl::Time CheckedAt(absl::Time stored, absl::Time now) {
  return stored > now ? absl::InfinitePast() : stored;
}

// Whether `a` takes precedence over `b`: by state, then by the later check. If
// both are equal, `a`, the contact's first address, takes precedence.
inline bool CountsBefore(const AddressFacts& a, const AddressFacts& b) {
  if (a.state != b.state) return a.state > b.state;
  return a.checked_at >= b.checked_at;
}

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_PRECEDENCE_H_
