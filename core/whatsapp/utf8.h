// UTF-8 as the tags, keys and values of nodes have to be.
#ifndef PORTRAIT_CORE_WHATSAPP_UTF8_H_
#define PORTRAIT_CORE_WHATSAPP_UTF8_H_

#include "absl/strings/string_view.h"

namespace portrait::whatsapp {

// Whether `text` is well-formed (RFC 3629): shortest forms, no surrogates,
// nothing above U+10FFFF. U+0000 is allowed.
bool IsUtf8(absl::string_view text);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_UTF8_H_
