// What callers write when they mean a contact: a phone number in some
// international spelling, or a JID.
#ifndef PORTRAIT_CORE_CONTACT_CONTACT_H_
#define PORTRAIT_CORE_CONTACT_CONTACT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/jid.h"

namespace portrait {

// Contacts of one kind fit one query, but channels: each is asked for alone.
enum class ContactKind { kPhoneNumber, kLid, kGroup, kChannel };

struct Contact {
  whatsapp::Jid jid;  // canonical: no device, c.us as s.whatsapp.net
  ContactKind kind = ContactKind::kPhoneNumber;
  std::string phone_number;  // E.164; empty for all but phone numbers
  // The JID that the same number may have at WhatsApp instead; empty user:
  // none. See other_spelling.h.
  whatsapp::Jid other_spelling = {};
  bool other_is_likelier = false;
};

inline constexpr size_t kMaxContactBytes = 128;

// Reads "+13105551234", "13105551234", "+1 (310) 555-1234", "0049…" is not
// international enough; JIDs of users (s.whatsapp.net, c.us), LIDs, groups and
// channels (newsletter).
// A number must be possible (libphonenumber's IsPossibleNumber), not valid:
// lists of valid ranges age. Thread-safe.
//
// The digits written are the number, however they are grouped. libphonenumber
// is asked to read what is not that plain: trunk zeros ("+44 (0)20 …"), other
// scripts' digits, letters, extensions.
//
// Errors: INVALID_ARGUMENT saying what is wrong in words a caller can act on:
// too short, too long, unknown country code, a server we do not know, …
absl::StatusOr<Contact> ParseContact(absl::string_view text);

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_CONTACT_H_
