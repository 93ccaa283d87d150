// Aligned text for people: cells padded to their column's width.
#ifndef PORTRAIT_CLIENT_CLI_TEXT_TABLE_H_
#define PORTRAIT_CLIENT_CLI_TEXT_TABLE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace portrait::cli {

// Characters that `text` takes on a terminal, every one taken to be one wide.
size_t DisplayWidth(absl::string_view text);

// Names come from strangers: control characters, which could steer a terminal,
// and bytes that are no text become "?".
std::string CleanCell(absl::string_view text);

// One line, with its end: each cell cleaned, cut to its width and padded; the
// last cell stands as it is. Requires as many widths as cells.
std::string AlignRow(absl::Span<const size_t> widths,
                     absl::Span<const std::string> cells);

// A whole table, as wide as its cells need. Columns that are empty in every row
// are left out.
std::string AlignTable(const std::vector<std::string>& header,
                       const std::vector<std::vector<std::string>>& rows);

// "name  value" lines for what has a value.
std::string AlignFields(const std::vector<std::string>& names,
                        const std::vector<std::string>& values);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_TEXT_TABLE_H_
