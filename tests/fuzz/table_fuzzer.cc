// Fuzzes lists of contacts; CSV and JSON are written and read again.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "client/cli/csv.h"
#include "client/cli/input_buffer.h"
#include "client/cli/json.h"
#include "client/cli/table_reader.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/expect_digits.h"

namespace portrait::fuzz {
namespace {

using cli::CsvReader;
using cli::CsvRecord;
using cli::InputBuffer;

// The contact that is looked up for a row is the contact in its cell.
void ExpectWritten(const cli::InputRow& row) {
  ExpectPresentable(row.refusal);
  Expect(row.asked.empty() != row.refusal.empty(), "asked about, or refused");
  if (row.asked.empty()) return;
  const std::string user = row.asked.substr(0, row.asked.find('@'));
  const std::string digits =
      user.substr(user.find_first_not_of('+') == 0 ? 0 : 1);
  Expect(HasDigitsInOrder(row.contact, digits) ||
             HasNationalDigitsInOrder(row.contact, digits),
         "each digit asked about is in the cell, in order");
}

void RunTable(const std::string& text, const cli::TableOptions& options) {
  auto table = cli::TableReader::Open(InputBuffer::OfText(text), options);
  if (!table.ok()) return ExpectPresentable(table.status());
  cli::InputRow row;
  int64_t line = 0;
  for (;;) {
    const absl::StatusOr<bool> more = (*table)->Next(&row);
    if (!more.ok()) return ExpectPresentable(more.status());
    if (!*more) return;
    Expect(options.split_cells ? row.line >= line : row.line > line,
           "rows go forward");
    ExpectWritten(row);
    line = row.line;
    Expect(row.cells.size() == (*table)->columns().size(), "rows are as wide");
  }
}

void RunCsv(const std::string& text, char delimiter) {
  const std::unique_ptr<InputBuffer> input = InputBuffer::OfText(text);
  CsvReader reader(*input, delimiter);
  CsvRecord record;
  for (;;) {
    const absl::StatusOr<bool> more = reader.Next(&record);
    if (!more.ok() || !*more) return;
    std::string written;
    for (const std::string& field : record.fields) {
      if (!written.empty() || &field != &record.fields.front()) {
        written += delimiter;
      }
      cli::AppendCsvField(field, delimiter, &written);
    }
    // The text begins with a blank line, so that no field begins with a byte
    // order mark.
    const std::unique_ptr<InputBuffer> again =
        InputBuffer::OfText("\n" + written + "\n");
    CsvReader second(*again, delimiter);
    CsvRecord read;
    const absl::StatusOr<bool> same = second.Next(&read);
    // A record with one empty field is written as a blank line.
    const bool blank = record.fields.size() == 1 && record.fields[0].empty();
    Expect(same.ok() && (blank || (*same && read.fields == record.fields)),
           "a record reads as it was written");
  }
}

void RunJson(const std::string& text) {
  const auto members = cli::ParseJsonObject(text);
  if (!members.ok()) ExpectPresentable(members.status());
  const std::string quoted = cli::JsonQuote(text);
  const auto again = cli::ParseJsonObject("{\"a\":" + quoted + "}");
  Expect(again.ok() && again->size() == 1 && (*again)[0].raw == quoted,
         "a string that was written is one");
  Expect(!IsUtf8(text) || cli::JsonText(quoted) == text,
         "a string reads as it was written");
  if (!members.ok()) return;
  for (const cli::JsonMember& member : *members) {
    const std::string value = cli::JsonText(member.raw);
    Expect(IsUtf8(member.key) && IsUtf8(value), "text is UTF-8");
  }
}

void Run(const std::string& text) {
  RunTable(text, {});
  RunTable(text, {.default_country = "DE", .split_cells = true});
  RunCsv(text, ',');
  RunCsv(text, cli::SniffDelimiter(text));
  RunJson(text);
}

}  // namespace
}  // namespace portrait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  portrait::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
