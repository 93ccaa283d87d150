// How much room text takes on a terminal.
#ifndef PORTRAIT_CLIENT_CLI_DISPLAY_WIDTH_H_
#define PORTRAIT_CLIENT_CLI_DISPLAY_WIDTH_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace portrait::cli {

// The columns that clean text takes: East Asian characters and emoji take two,
// combining characters none.
size_t DisplayWidth(absl::string_view text);

// The longest beginning of clean text that takes at most `width` columns.
// Characters that are shown as one, such as a letter with its accents or an
// emoji of several parts, are not separated.
absl::string_view PrefixOfWidth(absl::string_view text, size_t width);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_DISPLAY_WIDTH_H_
