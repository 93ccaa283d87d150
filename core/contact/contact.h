// Parses contacts as callers write them: a phone number in an international
// spelling, or a JID. The server and the command line share this code, so that
// both accept the same spellings.
#ifndef PORTRAIT_CORE_CONTACT_CONTACT_H_
#define PORTRAIT_CORE_CONTACT_CONTACT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/jid.h"

namespace portrait {

// Contacts of one kind can share a query; each channel needs its own query.
enum class ContactKind { kPhoneNumber, kLid, kGroup, kChannel };

// One contact and the addresses under which WhatsApp may know it. A number has
// two addresses if its country writes mobile numbers in two ways. A value type.
struct Contact {
  // The address to ask about first; ParseContact() puts the caller's address
  // here. Canonical: no device, and s.whatsapp.net in place of c.us.
  whatsapp::Jid jid = {};
  ContactKind kind = ContactKind::kPhoneNumber;
  std::string phone_number = {};  // E.164 as written; empty for other kinds
  whatsapp::Jid other_jid = {};   // the second address; empty user: none
  bool other_is_likelier = false;

  bool HasTwoAddresses() const { return !other_jid.user.empty(); }
  bool Has(const whatsapp::Jid& address) const;
  void SwapAddresses();
  // Puts the address with this key first, if it is one of the contact's.
  void PutFirst(absl::string_view key);
  void PutLikelierFirst();

  // The keys under which the store may have the contact; the key of `jid`
  // first.
  std::vector<std::string> Keys() const;
  // The key of the likelier address; it does not depend on the order of the
  // two.
  std::string CanonicalKey() const;
  // The partition of a cluster to which the contact belongs, as a hash of the
  // canonical key; see contact_key.h.
  uint64_t PartitionKey() const;
};

// The longest contact that a request may have, as the contract promises.
inline constexpr size_t kMaxContactBytes = 1024;

// The error message for a default country that ReadContact refuses.
inline constexpr char kNoCountryCode[] =
    "the country is not an ISO 3166 code such as \"DE\"";

struct ContactReading {
  Contact contact;
  // Descriptions of the text that was removed, such as "quotation marks".
  std::vector<std::string> removed;
};

// Reads "+13105551234", "13105551234", "+1 (310) 555-1234" and JIDs of users
// (s.whatsapp.net, c.us), LIDs, groups and channels (newsletter). Quotation
// marks, invisible marks, labels and wa.me links around a number are removed;
// see contact_text.h. `default_country` ("DE"; empty: none) completes national
// numbers; an unknown code is refused. Thread-safe.
//
// Refuses a text that may not be one complete number, because it has letters, a
// mask, an extension or a second number, or can be dialled within its town
// only. Accepts a prefix that libphonenumber does not know, because its lists
// of prefixes age, but no length that the country does not use. A JID comes
// from WhatsApp, so it is not compared with any country's numbers.
//
// Errors: INVALID_ARGUMENT with a message that tells callers what to change;
// RefusalOf() returns the kind of refusal.
absl::StatusOr<ContactReading> ReadContact(
    absl::string_view text, absl::string_view default_country = "");

// Like ReadContact, without the list of removed text.
absl::StatusOr<Contact> ParseContact(absl::string_view text,
                                     absl::string_view default_country = "");

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_CONTACT_H_
