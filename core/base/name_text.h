// NameText makes the names that strangers choose for themselves (business
// names, channel names, push names) safe to store and to print.
#ifndef PORTRAIT_CORE_BASE_NAME_TEXT_H_
#define PORTRAIT_CORE_BASE_NAME_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace portrait {

// WhatsApp's own clients accept names of 25 to 100 characters.
inline constexpr size_t kMaxNameBytes = 512;

// `name` as valid UTF-8 on one line. Control characters (C0, DEL, C1) and the
// characters that change the direction of text are removed; tabs and line ends
// become spaces. The result is cut after the last whole character within
// kMaxNameBytes. Joiners stay: emoji and Indic scripts need them.
//
// Every name from the wire passes through this function, and every name that
// leaves: older versions stored any name.
std::string NameText(absl::string_view name);

// Whether NameText returns `name` as it is. Fast for ASCII.
bool IsNameText(absl::string_view name);

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_NAME_TEXT_H_
