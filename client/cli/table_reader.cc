#include "client/cli/table_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/cell_shape.h"
#include "client/cli/clean_cell.h"
#include "client/cli/column_finder.h"
#include "client/cli/country_reader.h"

namespace portrait::cli {
namespace {

constexpr absl::string_view kAmbiguous = "ambiguous";

// Adds the file to an error: "FILE: line 3: …". An error without a line already
// names the file.
absl::Status Located(const std::string& file, const absl::Status& status) {
  if (!absl::IsInvalidArgument(status)) return status;
  return absl::InvalidArgumentError(absl::StrCat(file, ": ", status.message()));
}

// The complete lines of `text`, or all of it if `is_all`.
absl::string_view WholeLines(absl::string_view text, bool is_all) {
  if (is_all) return text;
  // A CR at the very end may be half of a CRLF.
  const size_t end = text.substr(0, text.size() - 1).find_last_of("\r\n");
  const size_t last = text.back() == '\n' ? text.size() - 1 : end;
  return last == absl::string_view::npos ? "" : text.substr(0, last + 1);
}

// As many lines as the sample has rows; independent of how `text` was received.
absl::string_view FirstLines(absl::string_view text) {
  size_t end = 0;
  for (size_t lines = 0; lines < 4 * kSampleRows; ++lines) {
    const size_t next = text.find('\n', end);
    if (next == absl::string_view::npos) return text;
    end = next + 1;
  }
  return text.substr(0, end);
}

// Whether the first line is enough to decide: it is a single number.
bool IsSettled(absl::string_view lines, std::optional<bool> has_header) {
  if (lines.empty() || has_header.has_value()) return false;
  const absl::StatusOr<TableShape> shape = GuessShape(lines);
  return shape.ok() && shape->format == InputFormat::kPlain;
}

// Reads the text by which the shape and the columns are judged. Waits for a
// pipe that has sent only a part of it, so that it gives the same result as a
// file.
absl::StatusOr<TableShape> BufferShape(InputBuffer& input,
                                       std::optional<bool> has_header) {
  bool is_all = false;
  bool settled = false;
  while (true) {
    const absl::string_view text =
        input.buffered().substr(0, kMaxRecordBytes + 1);
    const bool enough = text.size() > kMaxRecordBytes;
    const absl::string_view lines =
        text.empty() ? "" : WholeLines(text, is_all && !enough);
    if (!is_all && lines.empty() && enough) {
      return absl::InvalidArgumentError(
          absl::StrCat("line 1: longer than ", kMaxRecordBytes, " bytes"));
    }
    settled = settled || IsSettled(lines, has_header);
    const absl::string_view first = FirstLines(lines);
    if (is_all || enough || settled || first.size() < lines.size()) {
      return GuessShape(first, has_header);
    }
    const absl::StatusOr<bool> more = input.Fill();
    if (!more.ok()) return more.status();
    is_all = !*more;
  }
}

bool HasCrlf(absl::string_view text) {
  const size_t end = text.find_first_of("\r\n");
  return end != absl::string_view::npos &&
         absl::StartsWith(text.substr(end), "\r\n");
}

// Quotes a column's name, such as "Phone", for a message.
std::string Quoted(absl::string_view column) {
  constexpr size_t kMostBytes = 60;
  return absl::StrCat("\"", CleanCell(column.substr(0, kMostBytes)), "\"");
}

}  // namespace

absl::StatusOr<std::unique_ptr<TableReader>> TableReader::Open(
    std::unique_ptr<InputBuffer> input, TableOptions options) {
  const std::string name = input->name();
  absl::StatusOr<TableShape> shape = BufferShape(*input, options.has_header);
  if (!shape.ok()) return Located(name, shape.status());
  const SampleTable sample = shape->sample;
  auto reader = std::unique_ptr<TableReader>(
      new TableReader(std::move(input), *std::move(shape)));
  if (absl::Status status = reader->ChooseColumns(sample, options);
      !status.ok()) {
    return Located(name, status);
  }
  return reader;
}

TableReader::TableReader(std::unique_ptr<InputBuffer> input, TableShape shape)
    : input_(std::move(input)),
      format_(shape.format),
      delimiter_(shape.delimiter),
      columns_(std::move(shape.sample.columns)),
      quoted_names_(std::move(shape.quoted_names)),
      has_crlf_(HasCrlf(input_->buffered())),
      records_ahead_((shape.has_delimiter_line ? 1 : 0) +
                     (shape.has_header ? 1 : 0)),
      has_header_(shape.has_header),
      csv_(*input_, shape.delimiter) {}

absl::Status TableReader::ChooseColumns(const SampleTable& sample,
                                        const TableOptions& options) {
  if (columns_.empty()) {
    return absl::InvalidArgumentError("line 1: has no columns");
  }
  if (absl::Status status = ChoosePhoneColumns(sample, options); !status.ok()) {
    return status;
  }
  default_country_ = options.default_country;
  split_cells_ = options.split_cells;
  if (options.country_column.empty()) {
    country_ = FindCountryColumn(sample, default_country_.empty());
    return absl::OkStatus();
  }
  const absl::StatusOr<size_t> country =
      FindNamedColumn(columns_, options.country_column);
  if (!country.ok()) return country.status();
  country_ = *country;
  return absl::OkStatus();
}

absl::Status TableReader::ChoosePhoneColumns(const SampleTable& sample,
                                             const TableOptions& options) {
  why_ = "as requested";
  for (const std::string& name : options.phone_columns) {
    const absl::StatusOr<size_t> column = FindNamedColumn(columns_, name);
    if (!column.ok()) return column.status();
    contacts_.push_back(*column);
  }
  if (!contacts_.empty()) return absl::OkStatus();
  if (format_ == InputFormat::kPlain) {
    contacts_ = {0};
    return absl::OkStatus();
  }
  absl::StatusOr<PhoneColumns> found = FindPhoneColumns(sample);
  if (!found.ok()) return found.status();
  contacts_ = std::move(found->columns);
  why_ = std::move(found->why);
  return absl::OkStatus();
}

std::string TableReader::Choices() const {
  std::string text = "one contact per line";
  if (format_ != InputFormat::kPlain) {
    text = contacts_.size() == 1 ? "phone column " : "phone columns ";
    const char* separator = "";
    for (const size_t column : contacts_) {
      absl::StrAppend(&text, separator, Quoted(columns_[column]));
      separator = ", else ";
    }
    absl::StrAppend(&text, " (", why_, ")");
  }
  if (country_.has_value()) {
    absl::StrAppend(&text, "; country: column ", Quoted(columns_[*country_]));
    if (!default_country_.empty()) {
      absl::StrAppend(&text, ", else ", default_country_);
    }
  } else {
    absl::StrAppend(&text, "; country: ",
                    default_country_.empty() ? "none" : default_country_);
  }
  if (format_ == InputFormat::kCsv) {
    absl::StrAppend(&text, "; the first line is ",
                    has_header_ ? "the header" : "a row");
  }
  return text;
}

std::vector<std::string> TableReader::phone_columns() const {
  std::vector<std::string> names;
  for (const size_t column : contacts_) names.push_back(columns_[column]);
  return names;
}

std::string TableReader::country_column() const {
  return country_.has_value() ? columns_[*country_] : "";
}

void TableReader::ChooseCells(InputRow* row) const {
  row->contact.clear();
  row->country.clear();
  row->dial_code.clear();
  row->refusal.clear();
  row->refusal_kind = {};
  for (const size_t column : contacts_) {
    if (ShapeOf(row->cells[column]) == CellShape::kEmpty) continue;
    row->contact = std::string(absl::StripAsciiWhitespace(row->cells[column]));
    break;
  }
  if (!country_.has_value()) return;
  const std::string& cell = row->cells[*country_];
  if (ShapeOf(cell) == CellShape::kEmpty) return;
  if (const std::optional<std::string> country = ReadCountry(cell)) {
    row->country = *country;
    row->dial_code = DialCodeDigits(cell).value_or("");
  } else if (ShapeOf(row->contact) != CellShape::kContact &&
             !row->contact.empty()) {
    row->refusal = absl::StrCat("the country ", Quoted(cell),
                                " is not known, and the number has no '+'");
    row->refusal_kind = "unknown_country";
  }
}

// A number beside its dial code belongs to it. Without '+', "17012345678"
// beside
// "+49" is a German number, though "+1 701 234 5678" is one, too.
CellReading TableReader::ReadContactCell(const InputRow& row) const {
  CellReading read = ReadCell(row.contact, CountryOf(row));
  if (row.dial_code.empty() || ShapeOf(row.contact) != CellShape::kBareNumber) {
    return read;
  }
  const std::string code = absl::StrCat("+", row.dial_code);
  if (absl::StartsWith(read.asked, code)) return read;
  if (read.asked.empty() && read.refusal_kind != kAmbiguous) return read;
  CellReading joined =
      ReadCell(absl::StrCat(code, " ", row.contact), CountryOf(row));
  if (!joined.asked.empty()) return joined;
  if (!read.asked.empty()) {
    read.asked.clear();
    read.refusal = absl::StrCat("not a valid number with dial code ", code);
    read.refusal_kind = kAmbiguous;
  }
  return read;
}

void TableReader::ReadRow(InputRow* row) const {
  row->asked.clear();
  row->removed.clear();
  if (!row->refusal.empty()) return;
  CellReading read = ReadContactCell(*row);
  row->asked = std::move(read.asked);
  row->refusal = std::move(read.refusal);
  row->refusal_kind = read.refusal_kind;
  row->removed = std::move(read.removed);
}

bool TableReader::NextPart(InputRow* row) {
  if (parts_.empty()) return false;
  *row = split_row_;
  row->contact = std::move(parts_.front());
  parts_.pop_front();
  ReadRow(row);
  return true;
}

absl::StatusOr<bool> TableReader::Next(InputRow* row) {
  if (NextPart(row)) return true;
  absl::StatusOr<bool> more;
  switch (format_) {
    case InputFormat::kCsv:
      more = NextRecord(row);
      break;
    case InputFormat::kJsonLines:
      more = NextObject(row);
      break;
    case InputFormat::kPlain:
      more = NextPlain(row);
      break;
  }
  if (!more.ok()) return Located(input_->name(), more.status());
  if (!*more) return false;
  ChooseCells(row);
  if (split_cells_ && row->refusal.empty()) {
    std::vector<std::string> parts = SplitCell(row->contact, CountryOf(*row));
    if (parts.size() > 1) {
      split_row_ = *row;
      parts_.assign(parts.begin(), parts.end());
      return NextPart(row);
    }
  }
  ReadRow(row);
  return true;
}

absl::StatusOr<bool> TableReader::NextRecord(InputRow* row) {
  for (; records_ahead_ > 0; --records_ahead_) {
    const absl::StatusOr<bool> ahead = csv_.Next(&record_);
    if (!ahead.ok()) return ahead.status();
  }
  const absl::StatusOr<bool> more = csv_.Next(&record_);
  if (!more.ok() || !*more) return more;
  // Some programs end each line with a delimiter. Any other field beyond the
  // last column means that a comma was not quoted, and every cell after it
  // would be in the wrong column.
  while (record_.fields.size() > columns_.size() &&
         record_.fields.back().empty()) {
    record_.fields.pop_back();
  }
  if (record_.fields.size() > columns_.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "line ", record_.line, ": ", record_.fields.size(), " fields in ",
        columns_.size(), " columns (is a field with a delimiter not quoted?)"));
  }
  row->line = record_.line;
  row->cells = std::move(record_.fields);
  row->cells.resize(columns_.size());
  row->quoted = std::move(record_.quoted);
  row->quoted.resize(columns_.size());
  return true;
}

absl::StatusOr<bool> TableReader::NextObject(InputRow* row) {
  std::string line;
  const absl::StatusOr<bool> more = NextLine(&line);
  if (!more.ok() || !*more) return more;
  absl::StatusOr<std::vector<JsonMember>> members = ParseJsonObject(line);
  if (!members.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", line_, ": ", members.status().message()));
  }
  row->line = line_;
  row->members = *std::move(members);
  row->cells = CellsOf(row->members, columns_);
  return true;
}

absl::StatusOr<bool> TableReader::NextPlain(InputRow* row) {
  row->cells.resize(1);
  const absl::StatusOr<bool> more = NextLine(&row->cells[0]);
  row->line = line_;
  return more;
}

absl::StatusOr<bool> TableReader::NextLine(std::string* line) {
  size_t searched = 0;
  while (true) {
    const absl::string_view text = input_->buffered();
    const size_t end = text.find_first_of("\r\n", searched);
    const bool found = end != absl::string_view::npos;
    if ((found ? end : text.size()) > kMaxRecordBytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line ", line_ + 1, ": longer than ", kMaxRecordBytes, " bytes"));
    }
    if (!found) {
      searched = text.size();
      const absl::StatusOr<bool> more = input_->Fill();
      if (!more.ok()) return more.status();
      if (*more) continue;
      if (input_->buffered().empty()) return false;
    }
    const absl::string_view rest = input_->buffered();
    const size_t size = found ? end : rest.size();
    const bool second_half =
        std::exchange(after_return_, found && rest[size] == '\r') && found &&
        size == 0 && rest[0] == '\n';
    *line = std::string(absl::StripAsciiWhitespace(rest.substr(0, size)));
    input_->Consume(size + (found ? 1 : 0));
    searched = 0;
    if (second_half) continue;
    ++line_;
    if (line->find('\0') != std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", line_, ": has a NUL byte: not a text file"));
    }
    if (!line->empty()) return true;
  }
}

}  // namespace portrait::cli
