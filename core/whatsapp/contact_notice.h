// Parses WhatsApp's notifications about pictures, contacts, businesses and
// devices into facts.
#ifndef PORTRAIT_CORE_WHATSAPP_CONTACT_NOTICE_H_
#define PORTRAIT_CORE_WHATSAPP_CONTACT_NOTICE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// The facts about one contact; an empty field was not reported. A value type.
struct ContactNotice {
  Jid jid;  // no device; empty user: only `contact_hash` is known
  std::optional<uint32_t> contact_hash;

  std::optional<std::string> picture_id;  // "": the picture was removed
  std::optional<bool> is_business;
  std::optional<std::string> name;  // verified; "": it was removed
  Jid lid;                          // the new LID of `jid`, a phone number
  bool lost_lid = false;            // the person now has another number
  bool outdated = false;            // an unknown fact has changed

  // The time of a notification that was queued while we were offline; nullopt:
  // now.
  std::optional<absl::Time> happened_at;
};

// Returns the notices in the order in which to apply them; none for a
// notification of another type, or without facts about a contact.
std::vector<ContactNotice> ParseContactNotices(const Node& notification);

// The hash by which WhatsApp names a contact of an address book: the first
// three bytes of MD5(user ‖ "WA_ADD_NOTIF") for a PN or a LID. Two contacts
// have the same hash with a probability of one in 16 million.
uint32_t ContactHash(absl::string_view user);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_CONTACT_NOTICE_H_
