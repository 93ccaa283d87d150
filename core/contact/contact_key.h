// The key of a contact is its canonical JID as text. The store and a cluster
// identify the contact by it.
#ifndef PORTRAIT_CORE_CONTACT_CONTACT_KEY_H_
#define PORTRAIT_CORE_CONTACT_CONTACT_KEY_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace portrait {

// Longer than any JID that WhatsApp assigns.
inline constexpr size_t kMaxKeyBytes = 256;

// "100875997589545@lid"
bool IsLidKey(absl::string_view key);
// "13105551234@s.whatsapp.net"
bool IsPhoneNumberKey(absl::string_view key);

// "+13105551234" → "13105551234@s.whatsapp.net"
std::string PhoneNumberKey(absl::string_view phone_number);
// "13105551234@s.whatsapp.net" → "+13105551234"; empty for other keys.
std::string PhoneNumberOf(absl::string_view key);

// Errors: INVALID_ARGUMENT if a key is empty, too long, or has a character that
// is not printable ASCII.
absl::Status CheckKey(absl::string_view key);

// A hash of Contact::CanonicalKey(): the same on each machine and in each
// version. Both addresses of a number have one canonical key, and so one
// partition.
uint64_t PartitionKeyOf(absl::string_view canonical_key);

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_CONTACT_KEY_H_
