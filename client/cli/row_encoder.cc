#include "client/cli/row_encoder.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cli/columns.h"
#include "client/cli/csv.h"
#include "client/cli/json.h"

namespace portrait::cli {
namespace {

// The member of a JSON Lines record that contains our columns.
constexpr char kResultKey[] = "portrait";

bool IsOurs(absl::string_view column) {
  const auto ours = ResultColumns();
  return std::any_of(ours.begin(), ours.end(), [column](const Column& one) {
    return column == absl::StrCat(kColumnPrefix, one.name);
  });
}

std::vector<TableColumn> TableColumnsOf(const RowEncoder::Style& style) {
  std::vector<TableColumn> columns = {{"CONTACT", 20, /*whole=*/false, 0}};
  if (!style.ours_in_table) {
    columns.push_back({"STATE", 14, /*whole=*/true, 0});
    columns.push_back({"PICTURE ID", 14, /*whole=*/false, 2});
    columns.push_back({"NAME", 26, /*whole=*/false, 3});
    columns.push_back({"SOURCE", 8, /*whole=*/true, 4});
    columns.push_back({"NOTE", 30, /*whole=*/false, 1});
    return columns;
  }
  int rank = 0;
  for (const ChosenColumn& chosen : style.ours) {
    const Column& column = ResultColumns()[chosen.index];
    columns.push_back({absl::AsciiStrToUpper(chosen.PlainName()), column.width,
                       column.kind != ColumnKind::kText, ++rank});
  }
  return columns;
}

// Like JsonMembers, for the columns of an output.
std::string ChosenMembers(const std::vector<ChosenColumn>& ours,
                          const std::vector<std::string>& values) {
  std::vector<std::string> names;
  std::vector<Column> columns;
  std::vector<std::string> chosen;
  for (const ChosenColumn& column : ours) names.push_back(column.PlainName());
  for (size_t i = 0; i < ours.size(); ++i) {
    columns.push_back({names[i], ResultColumns()[ours[i].index].kind, ""});
    chosen.push_back(values[ours[i].index]);
  }
  return JsonMembers(columns, chosen);
}

}  // namespace

RowEncoder::RowEncoder(OutputFormat format, InputFormat input_format,
                       std::vector<std::string> columns, Style style)
    : format_(format),
      input_format_(input_format),
      columns_(std::move(columns)),
      style_(std::move(style)),
      layout_(TableColumnsOf(style_), style_.table_limit) {
  quotes_all_ =
      !style_.quoted_names.empty() &&
      std::find(style_.quoted_names.begin(), style_.quoted_names.end(),
                false) == style_.quoted_names.end();
  std::set<std::string> keys = {kResultKey};
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (IsOurs(columns_[i])) continue;
    const bool replaced =
        input_format_ == InputFormat::kJsonLines && columns_[i] == kResultKey;
    if (replaced) continue;
    kept_.push_back(i);
    std::string key =
        columns_[i].empty() ? absl::StrCat("column_", i + 1) : columns_[i];
    while (!keys.insert(key).second) key += "_";
    json_keys_.push_back(JsonQuote(key));
  }
}

size_t RowEncoder::mark_bytes() const {
  constexpr size_t kMarkBytes = 3;
  const bool written = format_ == OutputFormat::kCsv && style_.byte_order_mark;
  return written ? kMarkBytes : 0;
}

void RowEncoder::AppendOurField(absl::string_view field,
                                std::string* record) const {
  AppendCsvField(field, style_.delimiter, record, quotes_all_);
  record->push_back(style_.delimiter);
}

// Replaces the last delimiter of `record` by its line end.
void RowEncoder::EndCsvRecord(std::string* record) const {
  record->pop_back();
  absl::StrAppend(record, style_.crlf ? "\r\n" : "\n");
}

std::string RowEncoder::Header() const {
  if (format_ == OutputFormat::kJsonLines) return "";
  if (format_ == OutputFormat::kTable) {
    return layout_.Header();
  }
  std::string header;
  for (const size_t column : kept_) {
    AppendCsvField(
        columns_[column], style_.delimiter, &header,
        column < style_.quoted_names.size() && style_.quoted_names[column]);
    header.push_back(style_.delimiter);
  }
  for (const ChosenColumn& column : style_.ours) {
    AppendOurField(column.PrefixedName(), &header);
  }
  EndCsvRecord(&header);
  return header;
}

absl::StatusOr<std::string> RowEncoder::Begin(const InputRow& row) const {
  switch (format_) {
    case OutputFormat::kTable:
      return row.contact;
    case OutputFormat::kCsv:
      return BeginCsv(row);
    case OutputFormat::kJsonLines:
      break;
  }
  return BeginJson(row);
}

absl::StatusOr<std::string> RowEncoder::BeginCsv(const InputRow& row) const {
  for (const JsonMember& member : row.members) {
    if (std::find(columns_.begin(), columns_.end(), member.key) ==
        columns_.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", row.line, ": \"", member.key,
                       "\" is not in the first objects, so the CSV has no "
                       "column for it; use --format jsonl"));
    }
  }
  std::string record;
  for (const size_t column : kept_) {
    AppendCsvField(row.cells[column], style_.delimiter, &record,
                   column < row.quoted.size() && row.quoted[column]);
    record.push_back(style_.delimiter);
  }
  return record;
}

std::string RowEncoder::BeginJson(const InputRow& row) const {
  std::string record = "{";
  if (input_format_ == InputFormat::kJsonLines) {
    for (const JsonMember& member : row.members) {
      if (member.key == kResultKey) continue;
      absl::StrAppend(&record, JsonQuote(member.key), ":", member.raw, ",");
    }
  } else {
    for (size_t i = 0; i < kept_.size(); ++i) {
      absl::StrAppend(&record, json_keys_[i], ":",
                      JsonQuote(row.cells[kept_[i]]), ",");
    }
  }
  return record;
}

std::vector<std::string> RowEncoder::TableCells(
    const std::string& contact, const v1::EnrichResult& result,
    const PictureOutcome& image) const {
  const v1::ProfilePicture& picture = result.profile_picture();
  const std::vector<std::string> values = ResultValues(result, image);
  if (!style_.ours_in_table) {
    return {contact,        OutcomeName(result), picture.id(),
            picture.name(), SourceName(result),  NoteOf(result)};
  }
  std::vector<std::string> cells = {contact};
  for (const auto& [i, name] : style_.ours) cells.push_back(values[i]);
  return cells;
}

void RowEncoder::Finish(const v1::EnrichResult& result, std::string* record,
                        const PictureOutcome& image) const {
  if (format_ == OutputFormat::kTable) {
    *record = layout_.Row(TableCells(*record, result, image));
    return;
  }
  const std::vector<std::string> values = ResultValues(result, image);
  if (format_ == OutputFormat::kJsonLines) {
    absl::StrAppend(record, "\"", kResultKey, "\":{",
                    ChosenMembers(style_.ours, values), "}}\n");
    return;
  }
  for (const auto& [i, name] : style_.ours) {
    AppendOurField(style_.raw
                       ? values[i]
                       : GuardFormula(ResultColumns()[i].name, values[i]),
                   record);
  }
  EndCsvRecord(record);
}

}  // namespace portrait::cli
