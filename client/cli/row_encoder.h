// RowEncoder writes the output of `portrait enrich`: each row of the caller's
// list unchanged, followed by our columns.
#ifndef PORTRAIT_CLIENT_CLI_ROW_ENCODER_H_
#define PORTRAIT_CLIENT_CLI_ROW_ENCODER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/column_choice.h"
#include "client/cli/picture_downloads.h"
#include "client/cli/table_reader.h"
#include "client/cli/text_table.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait::cli {

enum class OutputFormat { kTable, kCsv, kJsonLines };

// Thread-compatible; const methods may be called from several threads.
class RowEncoder {
 public:
  // The style of the output; that of CSV equals the list's.
  struct Style {
    char delimiter = ',';
    bool byte_order_mark = false;
    bool crlf = false;
    std::vector<bool> quoted_names = {};
    bool raw = false;  // do not escape text that looks like a formula
    std::vector<ChosenColumn> ours = DefaultColumns({});
    bool ours_in_table = false;  // else a table has columns of its own
    size_t table_limit = kNoLimit;
  };

  // For rows of a table with `columns`. If columns of the caller have the names
  // of our columns, they are replaced, because an output may be the input of
  // the next run.
  RowEncoder(OutputFormat format, InputFormat input_format,
             std::vector<std::string> columns, Style style);

  OutputFormat format() const { return format_; }
  const TableLayout& layout() const { return layout_; }

  // The bytes before Header(): the size of a byte order mark, or 0.
  size_t mark_bytes() const;
  // The text before the first record, without the byte order mark; empty for
  // JSON Lines.
  std::string Header() const;

  // The part of a record that consists of the caller's row. A record written
  // earlier for the row begins with the same bytes.
  //
  // Errors: INVALID_ARGUMENT: an object has a member that is not a column; JSON
  // Lines could hold it.
  absl::StatusOr<std::string> Begin(const InputRow& row) const;

  // Appends the rest of the record, with its line break, to its beginning.
  void Finish(const v1::EnrichResult& result, std::string* record,
              const PictureOutcome& image = {}) const;

 private:
  // The cells of a result in a table.
  std::vector<std::string> TableCells(const std::string& contact,
                                      const v1::EnrichResult& result,
                                      const PictureOutcome& image) const;
  // Appends a value of our columns and the delimiter.
  void AppendOurField(absl::string_view field, std::string* record) const;
  void EndCsvRecord(std::string* record) const;
  absl::StatusOr<std::string> BeginCsv(const InputRow& row) const;
  std::string BeginJson(const InputRow& row) const;

  const OutputFormat format_;
  const InputFormat input_format_;
  const std::vector<std::string> columns_;
  const Style style_;
  const TableLayout layout_;
  bool quotes_all_ = false;   // all names in the list are in quotes
  std::vector<size_t> kept_;  // indices of the columns that are written
  std::vector<std::string> json_keys_;  // names of kept_, quoted and distinct
};

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_ROW_ENCODER_H_
