// Aligned text for terminals: tables that fit, and "name  value" lines.
#ifndef PORTRAIT_CLIENT_CLI_TEXT_TABLE_H_
#define PORTRAIT_CLIENT_CLI_TEXT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace portrait::cli {

// A table, or a column of one, that may be as wide as its text.
inline constexpr size_t kNoLimit = SIZE_MAX;

struct TableColumn {
  std::string title;
  size_t width = 0;   // of the widest cell
  bool whole = true;  // a cut cell would be useless, as an id is
  int rank = 0;       // a greater rank is left out first
};

// The columns of a table that fit a terminal. If there is too little room, it
// leaves out columns by their ranks and shortens the others, the last rank
// first.
//
// Thread-compatible; const methods may be called from several threads.
class TableLayout {
 public:
  // `limit` is the terminal's width; kNoLimit: nothing is left out or cut.
  TableLayout(std::vector<TableColumn> columns, size_t limit);

  // Both are lines with their line break. `cells` has a cell for each column,
  // shown or not.
  std::string Header() const;
  std::string Row(absl::Span<const std::string> cells) const;

  // Titles of the columns that are left out.
  std::vector<std::string> LeftOut() const;

 private:
  const std::vector<TableColumn> columns_;
  std::vector<size_t> shown_;   // indices of columns
  std::vector<size_t> widths_;  // of shown_
};

// Returns a line of `cells`, each cut or padded to its width. The last cell is
// not padded. The cells are cleaned.
std::string AlignRow(absl::Span<const size_t> widths,
                     absl::Span<const std::string> cells);

// A whole table. Its columns have the width of their widest cell; a column that
// is empty in every row is omitted.
std::string AlignTable(std::vector<TableColumn> columns,
                       const std::vector<std::vector<std::string>>& rows,
                       size_t limit,
                       std::vector<std::string>* left_out = nullptr);

// Returns "name  value" lines for all values that are not empty.
std::string AlignFields(const std::vector<std::string>& names,
                        const std::vector<std::string>& values);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_TEXT_TABLE_H_
