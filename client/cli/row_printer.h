// Prints rows with the same columns as a table, as CSV or as JSON Lines.
#ifndef PORTRAIT_CLIENT_CLI_ROW_PRINTER_H_
#define PORTRAIT_CLIENT_CLI_ROW_PRINTER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "client/cli/columns.h"
#include "client/cli/exit_code.h"
#include "client/cli/output_file.h"
#include "client/cli/row_encoder.h"
#include "client/cli/text_table.h"

namespace portrait::cli {

// The flags --format and --wide.
struct FormatFlags {
  std::string name = "";  // table, jsonl, csv; empty: not given
  bool wide = false;      // a table may be wider than the terminal
};

// The requested format; without one, a table on a terminal and `piped`
// otherwise.
OutputFormat ChooseFormat(const std::string& asked, bool terminal,
                          OutputFormat piped);

// The width that tables on the descriptor `fd` may have; kNoLimit if it is not
// a terminal or `wide` is set.
size_t TableLimit(bool wide, int fd);

// Says on standard error which columns of a table are left out.
void TellLeftOut(const std::vector<std::string>& columns);

// Writes rows to standard output. CSV gets a header line. Without a requested
// format, a table on a terminal and JSON Lines elsewhere.
class RowPrinter {
 public:
  // kWhole: a table is written by Finish, with columns that suit its rows.
  // kOneByOne: each row is written at once.
  enum class Rows { kWhole, kOneByOne };

  RowPrinter(const FormatFlags& format, absl::Span<const Column> columns,
             Rows rows);

  OutputFormat format() const { return format_; }

  void Print(std::vector<std::string> values);
  // Writes rows that were held back. Returns an error if standard output is
  // closed.
  absl::Status Flush();
  absl::Status Finish();

 private:
  const OutputFormat format_;
  const absl::Span<const Column> columns_;
  const size_t limit_;
  std::optional<TableLayout> layout_;  // of a table written one by one
  OutputFile output_{""};
  bool begun_ = false;
  std::vector<std::vector<std::string>> held_;
};

// Prints `rows`. Prints the error on failure.
ExitCode PrintRows(const FormatFlags& format, absl::Span<const Column> columns,
                   std::vector<std::vector<std::string>> rows);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_ROW_PRINTER_H_
