// RowEncoder writes what `portrait enrich` puts out: each row of the caller's
// list as it came, and our columns after it.
#ifndef PORTRAIT_CLIENT_CLI_ROW_ENCODER_H_
#define PORTRAIT_CLIENT_CLI_ROW_ENCODER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/table_reader.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait::cli {

enum class OutputFormat { kTable, kCsv, kJsonLines };

// Thread-compatible; const methods may be called from several threads.
class RowEncoder {
 public:
  // How CSV is written: as the list was.
  struct CsvStyle {
    char delimiter = ',';
    bool byte_order_mark = false;
    bool crlf = false;
    std::vector<bool> quoted_names = {};
    bool raw = false;  // other people's text may look like a formula
  };

  // For rows of a table with `columns`. Columns of the caller's that are called
  // as ours are replaced: an earlier output may be the next run's input.
  RowEncoder(OutputFormat format, InputFormat input_format,
             std::vector<std::string> columns, CsvStyle style);

  OutputFormat format() const { return format_; }

  // What stands before Header(), in bytes: of a byte order mark.
  size_t mark_bytes() const;
  // What stands before the first record; empty for JSON Lines. Without the byte
  // order mark.
  std::string Header() const;

  // The part of a record that comes from the caller's row. A record written
  // earlier begins with the same bytes.
  //
  // Errors: INVALID_ARGUMENT: an object has a member that is no column; JSON
  // Lines would hold it.
  absl::StatusOr<std::string> Begin(const InputRow& row) const;

  // The rest of the record, with its line break, appended to its beginning.
  void Finish(const v1::EnrichResult& result, std::string* record) const;

 private:
  // Appends a field of ours and the delimiter.
  void AppendOurField(absl::string_view field, std::string* record) const;
  void EndCsvRecord(std::string* record) const;
  absl::StatusOr<std::string> BeginCsv(const InputRow& row) const;
  std::string BeginJson(const InputRow& row) const;

  const OutputFormat format_;
  const InputFormat input_format_;
  const std::vector<std::string> columns_;
  const CsvStyle style_;
  bool quotes_all_ = false;             // the list's names all stand in quotes
  std::vector<size_t> kept_;            // which of the columns are put out
  std::vector<std::string> json_keys_;  // of kept_, quoted, each different
};

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_ROW_ENCODER_H_
