// CSV as RFC 4180 has it and as it is found: any delimiter, LF, CRLF or CR,
// line breaks and doubled quotes inside quotes, a quote inside a bare field.
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
  int64_t line = 0;  // where it begins; the first is 1
  std::vector<std::string> fields;
  std::vector<bool> quoted;  // of each field, whether it stood in quotes
};

// Thread-compatible. Borrows the input.
class CsvReader {
 public:
  CsvReader(InputBuffer& input, char delimiter)
      : input_(input), delimiter_(delimiter) {}

  // The next record; blank lines are skipped. False: there are no more.
  //
  // Errors: INVALID_ARGUMENT naming the line: a quote that is not closed, more
  // than kMaxRecordBytes, NUL bytes. Those of the input.
  absl::StatusOr<bool> Next(CsvRecord* record);

 private:
  enum class State { kFieldStart, kBare, kQuoted, kQuoteInQuoted };

  // True: `c` has completed the record.
  bool Take(char c, CsvRecord* record);
  bool EndRecord(CsvRecord* record);
  void EndField(CsvRecord* record);
  absl::Status Malformed(absl::string_view what) const;

  InputBuffer& input_;
  const char delimiter_;
  State state_ = State::kFieldStart;
  std::string field_;
  int64_t line_ = 1;
  int64_t quote_line_ = 0;  // where the last quoted field begins
  size_t record_bytes_ = 0;
  bool after_return_ = false;  // a CR has ended a line: LF belongs to it
};

// Appends `field`, in quotes if it was written so (`quoted`) or needs them.
void AppendCsvField(absl::string_view field, char delimiter, std::string* out,
                    bool quoted = false);

// The delimiter that `sample`, the beginning of a file, is written with: what
// its first line says ("sep=;"), else the comma, semicolon, tab or bar that
// most records have as often as the first one. A comma if there is none of
// these.
char SniffDelimiter(absl::string_view sample);

// Of a first line "sep=;", which Excel reads and writes.
std::optional<char> DelimiterLine(absl::string_view sample);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_CSV_H_
