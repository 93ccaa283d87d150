// What WhatsApp tells of contacts unasked: notifications about pictures,
// contacts, businesses and devices, as facts.
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

// The facts about one contact; each that is empty was not told. A value type.
struct ContactNotice {
  Jid jid;  // no device; empty user: only `contact_hash` says who is meant
  std::optional<uint32_t> contact_hash;

  std::optional<std::string> picture_id;  // "": the picture was removed
  std::optional<bool> is_business;
  std::optional<std::string> name;  // verified; "": none any more
  Jid lid;                          // what `jid`, a phone number, has now
  bool lost_lid = false;            // its person took another number
  bool outdated = false;            // something changed, it is not said what

  // When it happened, of what waited for us to log in; nothing: just now.
  std::optional<absl::Time> happened_at;
};

// In the order in which they hold; none for a notification of another type, or
// one that tells nothing of a contact.
std::vector<ContactNotice> ParseContactNotices(const Node& notification);

// How WhatsApp names a contact of an address book without naming them: the
// first three bytes of MD5(user ‖ "WA_ADD_NOTIF"), of a PN or of a LID. About
// one contact in 16 million has the same as another.
uint32_t ContactHash(absl::string_view user);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_CONTACT_NOTICE_H_
