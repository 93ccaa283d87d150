// Aligned text for people: cells are padded to their column's width.
#ifndef PORTRAIT_CLIENT_CLI_TEXT_TABLE_H_
#define PORTRAIT_CLIENT_CLI_TEXT_TABLE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace portrait::cli {

// The number of characters of `text`; each counts as one column wide.
size_t DisplayWidth(absl::string_view text);

// Replaces control characters, which could control a terminal, and invalid
// bytes by "?". Names are chosen by strangers.
std::string CleanCell(absl::string_view text);

// One line with its line break: each cell is cleaned, cut to its width and
// padded; the last cell is not cut. Requires as many widths as cells.
std::string AlignRow(absl::Span<const size_t> widths,
                     absl::Span<const std::string> cells);

// A whole table with columns as wide as their cells. Columns that are empty in
// every row are left out.
std::string AlignTable(const std::vector<std::string>& header,
                       const std::vector<std::vector<std::string>>& rows);

// "name  value" lines for all values that are not empty.
std::string AlignFields(const std::vector<std::string>& names,
                        const std::vector<std::string>& values);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_TEXT_TABLE_H_
