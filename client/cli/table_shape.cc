#include "client/cli/table_shape.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/csv.h"

namespace portrait::cli {
namespace {

constexpr size_t kSampleRows = 200;

absl::string_view FirstLine(absl::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  return absl::StripTrailingAsciiWhitespace(
      text.substr(0, text.find_first_of("\r\n")));
}

// A row of names has a letter somewhere and no phone number.
bool IsHeader(const std::vector<std::string>& fields) {
  bool letters = false;
  for (const std::string& field : fields) {
    if (LooksLikeContact(field)) return false;
    letters |= std::any_of(field.begin(), field.end(), [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return absl::ascii_isalpha(byte) || byte >= 0x80;
    });
  }
  return letters;
}

InputFormat FormatOf(absl::string_view first_line, char delimiter) {
  if (absl::StartsWith(first_line, "{")) return InputFormat::kJsonLines;
  const bool one_field =
      first_line.find(delimiter) == absl::string_view::npos &&
      first_line.find('"') == absl::string_view::npos;
  return one_field && !IsHeader({std::string(first_line)}) ? InputFormat::kPlain
                                                           : InputFormat::kCsv;
}

absl::Status SampleCsv(absl::string_view text, TableShape* shape) {
  const auto input = InputBuffer::OfText(std::string(text));
  CsvReader reader(*input, shape->delimiter);
  std::vector<std::vector<std::string>>& rows = shape->sample.rows;
  CsvRecord record;
  while (rows.size() < kSampleRows) {
    const absl::StatusOr<bool> more = reader.Next(&record);
    if (!more.ok() && rows.empty()) return more.status();
    // What is wrong further on is told when it is read in earnest.
    if (!more.ok() || !*more) break;
    rows.push_back(record.fields);
  }
  if (rows.empty()) return absl::OkStatus();
  shape->has_header = IsHeader(rows.front());
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
  int64_t line = 0;
  for (const absl::string_view written : absl::StrSplit(text, '\n')) {
    ++line;
    if (absl::StripAsciiWhitespace(written).empty()) continue;
    const auto members = ParseJsonObject(written);
    if (!members.ok() && sample.columns.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", line, ": ", members.status().message()));
    }
    if (!members.ok() || sample.rows.size() >= kSampleRows) break;
    if (sample.columns.empty()) {
      for (const JsonMember& member : *members) {
        sample.columns.push_back(member.key);
      }
    }
    sample.rows.push_back(CellsOf(*members, sample.columns));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TableShape> GuessShape(absl::string_view beginning) {
  const absl::string_view first_line = FirstLine(beginning);
  if (absl::StartsWith(first_line, "[")) {
    return absl::InvalidArgumentError(
        "line 1: a JSON array; write one object a line (jq -c '.[]')");
  }
  TableShape shape;
  shape.delimiter = SniffDelimiter(beginning);
  shape.format = FormatOf(first_line, shape.delimiter);
  absl::Status status;
  switch (shape.format) {
    case InputFormat::kPlain:
      shape.delimiter = ',';
      shape.sample.columns = {"contact"};
      break;
    case InputFormat::kCsv:
      status = SampleCsv(beginning, &shape);
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
