// JIDs as the store sees them: canonical text, told apart by their server.
#ifndef PORTRAIT_CORE_STORE_JID_TEXT_H_
#define PORTRAIT_CORE_STORE_JID_TEXT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace portrait {

// Longer than any JID WhatsApp gives out.
inline constexpr size_t kMaxJidBytes = 256;

// "100875997589545@lid"
bool IsLid(absl::string_view jid);
// "13105551234@s.whatsapp.net"
bool IsPhoneNumberJid(absl::string_view jid);

// "+13105551234" → "13105551234@s.whatsapp.net"
std::string PhoneNumberJid(absl::string_view phone_number);
// "13105551234@s.whatsapp.net" → "+13105551234"; empty for other JIDs.
std::string PhoneNumberOf(absl::string_view jid);

// Errors: INVALID_ARGUMENT for what can be no record's key: empty, too long, or
// with other than printable ASCII in it.
absl::Status CheckJid(absl::string_view jid);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_JID_TEXT_H_
