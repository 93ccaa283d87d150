#include "client/cli/table_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/column_finder.h"

namespace portrait::cli {
namespace {

// "FILE: line 3: …"; what does not name a line names the file already.
absl::Status Located(const std::string& file, const absl::Status& status) {
  if (!absl::IsInvalidArgument(status)) return status;
  return absl::InvalidArgumentError(absl::StrCat(file, ": ", status.message()));
}

// The whole lines that are buffered; all, when `is_all`.
absl::string_view WholeLines(absl::string_view text, bool is_all) {
  return is_all ? text : text.substr(0, text.rfind('\n') + 1);
}

// Reads until the shape can be judged: by one line where that is one number or
// object, by two where it may be a header, by more where a record is longer.
absl::StatusOr<TableShape> BufferShape(InputBuffer& input) {
  bool is_all = false;
  while (true) {
    const absl::string_view text = input.buffered();
    const absl::string_view lines = WholeLines(text, is_all);
    if (!is_all && lines.empty() && text.size() > kMaxRecordBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("line 1: longer than ", kMaxRecordBytes, " bytes"));
    }
    if (is_all || text.size() > kMaxRecordBytes) return GuessShape(lines);
    if (!lines.empty()) {
      absl::StatusOr<TableShape> shape = GuessShape(lines);
      const bool judged = shape.ok() && (shape->format != InputFormat::kCsv ||
                                         !shape->sample.rows.empty());
      if (judged) return shape;
    }
    const absl::StatusOr<bool> more = input.Fill();
    if (!more.ok()) return more.status();
    is_all = !*more;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<TableReader>> TableReader::Open(
    std::unique_ptr<InputBuffer> input, TableOptions options) {
  const std::string name = input->name();
  absl::StatusOr<TableShape> shape = BufferShape(*input);
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
      header_ahead_(shape.has_header),
      csv_(*input_, shape.delimiter) {}

absl::Status TableReader::ChooseColumns(const SampleTable& sample,
                                        const TableOptions& options) {
  if (columns_.empty()) {
    return absl::InvalidArgumentError("line 1: has no columns");
  }
  absl::StatusOr<size_t> contact = 0;
  if (!options.phone_column.empty()) {
    contact = FindNamedColumn(columns_, options.phone_column);
  } else if (format_ != InputFormat::kPlain) {
    contact = FindPhoneColumn(sample);
  }
  if (!contact.ok()) return contact.status();
  contact_ = *contact;
  if (options.country_column.empty()) {
    country_ = FindCountryColumn(sample);
    return absl::OkStatus();
  }
  const absl::StatusOr<size_t> country =
      FindNamedColumn(columns_, options.country_column);
  if (!country.ok()) return country.status();
  country_ = *country;
  return absl::OkStatus();
}

absl::StatusOr<bool> TableReader::Next(InputRow* row) {
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
  row->contact = std::string(absl::StripAsciiWhitespace(row->cells[contact_]));
  row->country.clear();
  if (country_.has_value()) {
    row->country =
        std::string(absl::StripAsciiWhitespace(row->cells[*country_]));
  }
  return true;
}

absl::StatusOr<bool> TableReader::NextRecord(InputRow* row) {
  if (std::exchange(header_ahead_, false)) {
    const absl::StatusOr<bool> header = csv_.Next(&record_);
    if (!header.ok()) return header.status();
  }
  const absl::StatusOr<bool> more = csv_.Next(&record_);
  if (!more.ok() || !*more) return more;
  // Some programs end each line with a delimiter. What stands beyond the last
  // column otherwise is a comma that was not quoted: every cell after it would
  // be in the wrong column.
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
    const size_t end = text.find('\n', searched);
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
    *line = std::string(absl::StripAsciiWhitespace(rest.substr(0, size)));
    input_->Consume(size + (found ? 1 : 0));
    ++line_;
    searched = 0;
    if (line->find('\0') != std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", line_, ": has a NUL byte: not a text file"));
    }
    if (!line->empty()) return true;
  }
}

}  // namespace portrait::cli
