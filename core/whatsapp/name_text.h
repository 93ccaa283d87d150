// NameText makes the names that strangers choose for themselves (business
// names, channel names, push names) safe to store and to print.
#ifndef PORTRAIT_CORE_WHATSAPP_NAME_TEXT_H_
#define PORTRAIT_CORE_WHATSAPP_NAME_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace portrait::whatsapp {

// WhatsApp's own clients accept names of 25 to 100 characters.
inline constexpr size_t kMaxNameBytes = 512;

// `name` as valid UTF-8 on one line. Control characters (C0, DEL, C1) and the
// characters that change the direction of text are removed; tabs and line ends
// become spaces. The result is cut after the last whole character within
// kMaxNameBytes. Joiners stay: emoji and Indic scripts need them.
//
// Every name from the wire passes through this function, so that later code
// need not check it.
std::string NameText(absl::string_view name);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_NAME_TEXT_H_
