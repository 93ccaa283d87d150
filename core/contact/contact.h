// What callers write when they mean a contact: a phone number in some
// international spelling, or a JID. Shared by the server and the command line,
// so that both read the same.
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

// Contacts of one kind fit one query, but channels: each is asked for alone.
enum class ContactKind { kPhoneNumber, kLid, kGroup, kChannel };

// One contact and the addresses under which WhatsApp may know it: two for a
// number of a country that writes its mobile numbers in two ways. A value type.
struct Contact {
  // The address that counts or is asked about first; ParseContact() returns the
  // written one. Canonical: no device, c.us as s.whatsapp.net.
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

  // The keys under which a store may have the contact: that of `jid` first.
  std::vector<std::string> Keys() const;
  // The key of the likelier address: the same for both.
  std::string CanonicalKey() const;
  // The partition of a cluster to which the contact belongs, as a hash of the
  // canonical key; see contact_key.h.
  uint64_t PartitionKey() const;
};

// The contract's limit of a contact in a request.
inline constexpr size_t kMaxContactBytes = 1024;

// What is wrong with a country that ReadContact refuses.
inline constexpr char kNoCountryCode[] =
    "the country is not an ISO 3166 code such as \"DE\"";

struct ContactReading {
  Contact contact;
  // What was removed from the text, in words: "quotation marks".
  std::vector<std::string> removed;
};

// Reads "+13105551234", "13105551234", "+1 (310) 555-1234" and JIDs of users
// (s.whatsapp.net, c.us), LIDs, groups and channels (newsletter). Quotation
// marks, invisible marks, labels and wa.me links around a number are removed;
// see contact_text.h. `default_country` ("DE"; empty: none) completes national
// numbers; a code that is no country's is refused. Thread-safe.
//
// What is not certainly one complete number is refused: a text with letters,
// masks, extensions or a second number, a number that can be dialled within its
// town only. A number may have a prefix that libphonenumber does not know, for
// lists of prefixes age, but not a length that its country does not use. A JID
// is WhatsApp's own and is not compared with any country's numbers.
//
// Errors: INVALID_ARGUMENT saying what is wrong in words a caller can act on;
// RefusalOf() tells the kind.
absl::StatusOr<ContactReading> ReadContact(
    absl::string_view text, absl::string_view default_country = "");

// The same, for the contact alone.
absl::StatusOr<Contact> ParseContact(absl::string_view text,
                                     absl::string_view default_country = "");

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_CONTACT_H_
