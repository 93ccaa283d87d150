// Reads CSV as RFC 4180 defines it and as programs write it: any delimiter; LF,
// CRLF or CR; line breaks and doubled quotes inside quotes; a quote inside a
// field without quotes.
#ifndef PORTRAIT_CLIENT_CLI_CSV_H_
#define PORTRAIT_CLIENT_CLI_CSV_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/input_buffer.h"

namespace portrait::cli {

struct CsvRecord {
  int64_t line = 0;  // its first line; lines are counted from 1
  std::vector<std::string> fields;
  std::vector<bool> quoted;  // for each field, whether it was in quotes
};

// Thread-compatible. Borrows the input.
class CsvReader {
 public:
  CsvReader(InputBuffer& input, char delimiter)
      : input_(input), delimiter_(delimiter) {}

  // Reads the next record; blank lines are skipped. Returns false at the end.
  //
  // Errors: INVALID_ARGUMENT naming the line: a quote that is not closed, more
  // than kMaxRecordBytes, NUL bytes. Those of the input.
  absl::StatusOr<bool> Next(CsvRecord* record);

 private:
  enum class State { kFieldStart, kBare, kQuoted, kQuoteInQuoted };

  // Returns true if `c` has completed the record.
  bool Take(char c, CsvRecord* record);
  bool EndRecord(CsvRecord* record);
  void EndField(CsvRecord* record);
  absl::Status Malformed(absl::string_view what) const;

  InputBuffer& input_;
  const char delimiter_;
  State state_ = State::kFieldStart;
  std::string field_;
  int64_t line_ = 1;
  int64_t quote_line_ = 0;  // first line of the last quoted field
  size_t record_bytes_ = 0;
  bool after_return_ = false;  // a CR has ended a line, so an LF belongs to it
};

// Appends `field`, in quotes if it had them (`quoted`) or needs them.
void AppendCsvField(absl::string_view field, char delimiter, std::string* out,
                    bool quoted = false);

// The delimiter of a file that begins with `sample`: the one in a first line
// such as "sep=;", else the comma, semicolon, tab or bar that most records have
// as often as the first record. A comma if there is none of these.
char SniffDelimiter(absl::string_view sample);

// The delimiter in a first line "sep=;", which Excel reads and writes.
std::optional<char> DelimiterLine(absl::string_view sample);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_CSV_H_
