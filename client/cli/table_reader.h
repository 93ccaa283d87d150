// TableReader reads a list of contacts in any of its formats: CSV, JSON Lines
// or one number per line.
#ifndef PORTRAIT_CLIENT_CLI_TABLE_READER_H_
#define PORTRAIT_CLIENT_CLI_TABLE_READER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/cell_reader.h"
#include "client/cli/csv.h"
#include "client/cli/input_buffer.h"
#include "client/cli/json.h"
#include "client/cli/table_shape.h"

namespace portrait::cli {

struct InputRow {
  int64_t line = 0;                // its first line; lines are counted from 1
  std::vector<std::string> cells;  // as many as the table has columns
  std::vector<bool> quoted;        // for CSV: the cells that were in quotes
  std::string contact;             // as written
  std::string country;             // two letters; empty: none given
  std::string dial_code;           // "49", if the country is a dial code
  // The contact to send to the server: E.164 or a JID; empty if the row is
  // refused.
  std::string asked;
  // The reason why the row must not be sent (empty: none), and its kind:
  // "too_short", "unknown_country".
  std::string refusal;
  absl::string_view refusal_kind;
  std::vector<std::string> removed;  // text removed from the contact
  // For JSON Lines only: the object's members, in its order.
  std::vector<JsonMember> members;
};

struct TableOptions {
  // The contact of a row is in the first filled cell of these columns; if
  // empty, the columns are found by their names and cells.
  std::vector<std::string> phone_columns = {};
  std::string country_column = "";  // empty: found in the same way
  // The country of rows without one. With it, a column that only may have
  // countries is not read.
  std::string default_country = "";
  // Whether a cell with several numbers becomes several rows; otherwise it is
  // refused.
  bool split_cells = false;
  std::optional<bool> has_header = {};  // CSV; unset: judged by the rows
};

// Cancel is thread-safe, the other methods are thread-compatible.
class TableReader {
 public:
  // Opens a list, and reads enough of it to know the format and the columns.
  //
  // Errors: INVALID_ARGUMENT, saying what is missing; those of the input.
  static absl::StatusOr<std::unique_ptr<TableReader>> Open(
      std::unique_ptr<InputBuffer> input, TableOptions options);

  const std::string& name() const { return input_->name(); }  // for messages
  InputFormat format() const { return format_; }
  char delimiter() const { return delimiter_; }  // for CSV; otherwise a comma
  const std::vector<std::string>& columns() const { return columns_; }
  const std::string& contact_column() const { return columns_[contacts_[0]]; }
  std::vector<std::string> phone_columns() const;
  std::string country_column() const;  // empty: none
  const std::vector<bool>& quoted_names() const { return quoted_names_; }
  // The choices in one line: "phone column \"Mobile\" (by its name), …".
  std::string Choices() const;

  // Returns false at the end.
  //
  // Errors: INVALID_ARGUMENT naming the line; those of the input.
  absl::StatusOr<bool> Next(InputRow* row);

  // Makes a pending Next, and all later ones, return CANCELLED.
  void Cancel() { input_->Cancel(); }

  bool had_byte_order_mark() const { return input_->had_byte_order_mark(); }
  bool has_crlf() const { return has_crlf_; }  // whether lines end with CRLF

  // The size of a regular file.
  std::optional<uint64_t> size_bytes() const { return input_->size_bytes(); }

 private:
  TableReader(std::unique_ptr<InputBuffer> input, TableShape shape);
  absl::Status ChooseColumns(const SampleTable& sample,
                             const TableOptions& options);
  absl::Status ChoosePhoneColumns(const SampleTable& sample,
                                  const TableOptions& options);
  void ChooseCells(InputRow* row) const;  // the contact and the country
  const std::string& CountryOf(const InputRow& row) const {
    return row.country.empty() ? default_country_ : row.country;
  }
  void ReadRow(InputRow* row) const;
  CellReading ReadContactCell(const InputRow& row) const;
  // Takes the next number of a split cell. Returns false if there is none.
  bool NextPart(InputRow* row);
  absl::StatusOr<bool> NextRecord(InputRow* row);
  absl::StatusOr<bool> NextObject(InputRow* row);
  absl::StatusOr<bool> NextPlain(InputRow* row);
  // Reads the next line that is not blank, without its line end.
  absl::StatusOr<bool> NextLine(std::string* line);

  const std::unique_ptr<InputBuffer> input_;
  const InputFormat format_;
  const char delimiter_;
  const std::vector<std::string> columns_;
  const std::vector<bool> quoted_names_;
  const bool has_crlf_;
  int records_ahead_;  // records before the rows: "sep=;", the names
  const bool has_header_;
  CsvReader csv_;
  CsvRecord record_;
  // For plain text: a CR ended a line, so an LF belongs to it.
  bool after_return_ = false;
  int64_t line_ = 0;  // for JSON Lines and plain text: the last line read
  std::vector<size_t> contacts_;  // never empty once open
  std::string why_;               // why contacts_ were chosen
  std::optional<size_t> country_;
  std::string default_country_;
  bool split_cells_ = false;
  InputRow split_row_;
  std::deque<std::string> parts_;  // remaining numbers of split_row_
};

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_TABLE_READER_H_
