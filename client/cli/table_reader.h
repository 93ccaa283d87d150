// TableReader reads the list that somebody wants enriched, whatever it is
// written as: CSV, JSON Lines or one number a line.
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
#include "client/cli/csv.h"
#include "client/cli/input_buffer.h"
#include "client/cli/json.h"
#include "client/cli/table_shape.h"

namespace portrait::cli {

struct InputRow {
  int64_t line = 0;                // where it begins; the first is 1
  std::vector<std::string> cells;  // as wide as the table's columns
  std::vector<bool> quoted;        // of CSV: the cells that stood in quotes
  std::string contact;             // as written
  std::string country;             // two letters; empty: none given
  // What the server is asked: E.164 or a JID; empty if the row is refused.
  std::string asked;
  // Why the row must not be asked about; empty: nothing is wrong with it. And
  // the kind: "too_short", "unknown_country".
  std::string refusal;
  absl::string_view refusal_kind;
  std::vector<std::string> removed;  // from the contact, in words
  // Of JSON Lines only: the object's members, in its order.
  std::vector<JsonMember> members;
};

struct TableOptions {
  // A row's contact is in the first of these that is filled; empty: found by
  // their names and cells.
  std::vector<std::string> phone_columns = {};
  std::string country_column = "";  // empty: found likewise
  // Of rows without a country of their own. A column that is only perhaps one
  // of countries is then not read.
  std::string default_country = "";
  // A cell that holds several numbers makes a row of each; else it is refused.
  bool split_cells = false;
  std::optional<bool> has_header = {};  // CSV; unset: judged by the rows
};

// Cancel is thread-safe, the rest thread-compatible.
class TableReader {
 public:
  // Reads as much as it takes to know the format and the columns.
  //
  // Errors: INVALID_ARGUMENT, saying what is missing; those of the input.
  static absl::StatusOr<std::unique_ptr<TableReader>> Open(
      std::unique_ptr<InputBuffer> input, TableOptions options);

  const std::string& name() const { return input_->name(); }  // for messages
  InputFormat format() const { return format_; }
  char delimiter() const { return delimiter_; }  // of CSV; else a comma
  const std::vector<std::string>& columns() const { return columns_; }
  const std::string& contact_column() const { return columns_[contacts_[0]]; }
  const std::vector<bool>& quoted_names() const { return quoted_names_; }
  // What was chosen, in a line: "phone column \"Mobile\" (by its name), …".
  std::string Choices() const;

  // False: there are no more.
  //
  // Errors: INVALID_ARGUMENT naming the line; those of the input.
  absl::StatusOr<bool> Next(InputRow* row);

  // Makes a Next that waits, and all later ones, return CANCELLED.
  void Cancel() { input_->Cancel(); }

  bool had_byte_order_mark() const { return input_->had_byte_order_mark(); }
  bool has_crlf() const { return has_crlf_; }  // ends its lines with CRLF

  // Of a regular file.
  std::optional<uint64_t> size_bytes() const { return input_->size_bytes(); }

 private:
  TableReader(std::unique_ptr<InputBuffer> input, TableShape shape);
  absl::Status ChooseColumns(const SampleTable& sample,
                             const TableOptions& options);
  absl::Status ChoosePhoneColumns(const SampleTable& sample,
                                  const TableOptions& options);
  void ChooseCells(InputRow* row) const;  // the contact's and the country's
  const std::string& CountryOf(const InputRow& row) const {
    return row.country.empty() ? default_country_ : row.country;
  }
  void ReadRow(InputRow* row) const;
  // The next number of a cell that was split. False: there is none.
  bool NextPart(InputRow* row);
  absl::StatusOr<bool> NextRecord(InputRow* row);
  absl::StatusOr<bool> NextObject(InputRow* row);
  absl::StatusOr<bool> NextPlain(InputRow* row);
  // The next line that is not blank, without its end.
  absl::StatusOr<bool> NextLine(std::string* line);

  const std::unique_ptr<InputBuffer> input_;
  const InputFormat format_;
  const char delimiter_;
  const std::vector<std::string> columns_;
  const std::vector<bool> quoted_names_;
  const bool has_crlf_;
  int records_ahead_;  // that are no rows: "sep=;", the names
  const bool has_header_;
  CsvReader csv_;
  CsvRecord record_;
  bool after_return_ = false;  // likewise: a CR ended a line, LF belongs to it
  int64_t line_ = 0;  // of JSON Lines and plain text: the last one read
  std::vector<size_t> contacts_;  // never empty once open
  std::string why_;               // contacts_ were chosen
  std::optional<size_t> country_;
  std::string default_country_;
  bool split_cells_ = false;
  InputRow split_row_;
  std::deque<std::string> parts_;  // of split_row_, to come
};

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_TABLE_READER_H_
