// Makes text of unknown origin safe to show on a terminal.
#ifndef PORTRAIT_CLIENT_CLI_CLEAN_CELL_H_
#define PORTRAIT_CLIENT_CLI_CLEAN_CELL_H_

#include <string>

#include "absl/strings/string_view.h"

namespace portrait::cli {

// Replaces control characters (also those of C1, U+0080 to U+009F), line
// separators and bytes that are not UTF-8 by "?". Removes the characters that
// change the direction of text, which could reverse the rest of a line.
std::string CleanCell(absl::string_view text);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_CLEAN_CELL_H_
