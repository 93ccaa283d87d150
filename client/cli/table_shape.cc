#include "client/cli/table_shape.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/cli/cell_shape.h"
#include "client/cli/column_words.h"
#include "client/cli/csv.h"

namespace portrait::cli {
namespace {

absl::string_view FirstLine(absl::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  return absl::StripTrailingAsciiWhitespace(
      text.substr(0, text.find_first_of("\r\n")));
}

bool HasLetter(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_isalpha(byte) || byte >= 0x80;
  });
}

bool IsNumber(CellShape shape) {
  return shape == CellShape::kContact || shape == CellShape::kBareNumber;
}

// Whether at least half of the filled cells of `column` after the first row are
// numbers.
bool HoldsNumbers(const std::vector<std::vector<std::string>>& rows,
                  size_t column) {
  size_t filled = 0;
  size_t numbers = 0;
  for (size_t i = 1; i < rows.size(); ++i) {
    if (column >= rows[i].size()) continue;
    const CellShape shape = ShapeOf(rows[i][column]);
    if (shape != CellShape::kEmpty) ++filled;
    if (IsNumber(shape) || shape == CellShape::kNumberish) ++numbers;
  }
  return numbers > 0 && numbers * 2 >= filled;
}

// Whether the first of `rows` has the names of the columns: it has letters and
// no phone number, and there are names for the columns with numbers.
bool IsHeader(const std::vector<std::vector<std::string>>& rows) {
  const std::vector<std::string>& first = rows.front();
  bool letters = false;
  bool numbers = false;  // a number without '+', which may be a date
  bool names_numbers = false;
  bool misses_name = false;
  bool known = false;
  for (size_t i = 0; i < first.size(); ++i) {
    const CellShape shape = ShapeOf(first[i]);
    if (shape == CellShape::kContact || shape == CellShape::kNumberish) {
      return false;
    }
    numbers |= shape == CellShape::kBareNumber;
    if (shape != CellShape::kText && shape != CellShape::kEmpty) continue;
    letters |= HasLetter(first[i]);
    known |= IsKnownName(first[i]);
    if (!HoldsNumbers(rows, i)) continue;
    misses_name |= !HasLetter(first[i]);
    names_numbers |= PhoneRank(first[i]).has_value();
  }
  if (names_numbers) return true;
  return letters && !numbers && (!misses_name || known);
}

InputFormat FormatOf(absl::string_view first_line, char delimiter) {
  if (absl::StartsWith(first_line, "{")) return InputFormat::kJsonLines;
  const bool one_field = first_line.find(delimiter) == absl::string_view::npos;
  const CellShape shape = ShapeOf(first_line);
  const bool number = IsNumber(shape) || shape == CellShape::kNumberish;
  return one_field && (number || !HasLetter(first_line)) ? InputFormat::kPlain
                                                         : InputFormat::kCsv;
}

absl::Status SampleCsv(absl::string_view text, std::optional<bool> has_header,
                       TableShape* shape) {
  const auto input = InputBuffer::OfText(std::string(text));
  CsvReader reader(*input, shape->delimiter);
  std::vector<std::vector<std::string>>& rows = shape->sample.rows;
  CsvRecord record;
  while (rows.size() < kSampleRows) {
    const absl::StatusOr<bool> more = reader.Next(&record);
    if (!more.ok() && rows.empty()) return more.status();
    // Errors in later rows are reported when the rows are read.
    if (!more.ok() || !*more) break;
    if (rows.size() == (shape->has_delimiter_line ? 1 : 0)) {
      shape->quoted_names = record.quoted;
    }
    rows.push_back(record.fields);
  }
  if (shape->has_delimiter_line && !rows.empty()) rows.erase(rows.begin());
  if (rows.empty()) return absl::OkStatus();
  shape->has_header = has_header.value_or(IsHeader(rows));
  if (shape->has_header) {
    shape->sample.columns = rows.front();
    rows.erase(rows.begin());
    return absl::OkStatus();
  }
  for (size_t i = 0; i < rows.front().size(); ++i) {
    shape->sample.columns.push_back(absl::StrCat("column_", i + 1));
  }
  return absl::OkStatus();
}

absl::Status SampleJsonLines(absl::string_view text, TableShape* shape) {
  SampleTable& sample = shape->sample;
  std::vector<std::vector<JsonMember>> rows;
  std::set<std::string> known;
  int64_t line = 0;
  const std::string with_lf =
      absl::StrReplaceAll(text, {{"\r\n", "\n"}, {"\r", "\n"}});
  for (const absl::string_view written : absl::StrSplit(with_lf, '\n')) {
    ++line;
    if (absl::StripAsciiWhitespace(written).empty()) continue;
    const auto members = ParseJsonObject(written);
    if (!members.ok() && sample.columns.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", line, ": ", members.status().message()));
    }
    if (!members.ok() || rows.size() >= kSampleRows) break;
    for (const JsonMember& member : *members) {
      if (known.insert(member.key).second) {
        sample.columns.push_back(member.key);
      }
    }
    rows.push_back(*members);
  }
  // An object may lack members that others have.
  for (const std::vector<JsonMember>& members : rows) {
    sample.rows.push_back(CellsOf(members, sample.columns));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TableShape> GuessShape(absl::string_view beginning,
                                      std::optional<bool> has_header) {
  const absl::string_view first_line = FirstLine(beginning);
  if (absl::StartsWith(first_line, "[")) {
    return absl::InvalidArgumentError(
        "line 1: a JSON array; write one object per line (jq -c '.[]')");
  }
  TableShape shape;
  shape.delimiter = SniffDelimiter(beginning);
  shape.has_delimiter_line =
      DelimiterLine(absl::StripLeadingAsciiWhitespace(beginning)).has_value();
  shape.format = shape.has_delimiter_line
                     ? InputFormat::kCsv
                     : FormatOf(first_line, shape.delimiter);
  if (has_header == true && shape.format == InputFormat::kPlain) {
    shape.format = InputFormat::kCsv;
  }
  absl::Status status;
  switch (shape.format) {
    case InputFormat::kPlain:
      shape.delimiter = ',';
      shape.sample.columns = {"contact"};
      break;
    case InputFormat::kCsv:
      status = SampleCsv(beginning, has_header, &shape);
      break;
    case InputFormat::kJsonLines:
      shape.delimiter = ',';
      status = SampleJsonLines(beginning, &shape);
      break;
  }
  if (!status.ok()) return status;
  return shape;
}

std::vector<std::string> CellsOf(const std::vector<JsonMember>& members,
                                 const std::vector<std::string>& columns) {
  std::vector<std::string> cells(columns.size());
  for (const JsonMember& member : members) {
    const auto column = std::find(columns.begin(), columns.end(), member.key);
    if (column == columns.end()) continue;
    cells[static_cast<size_t>(column - columns.begin())] = JsonText(member.raw);
  }
  return cells;
}

}  // namespace portrait::cli
