#include "client/cli/row_printer.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/complain.h"
#include "client/cli/csv.h"
#include "client/cli/terminal_size.h"

namespace portrait::cli {
namespace {

std::vector<TableColumn> TableColumnsOf(absl::Span<const Column> columns) {
  std::vector<TableColumn> table;
  for (const Column& column : columns) {
    table.push_back({absl::AsciiStrToUpper(column.name), column.width,
                     column.kind != ColumnKind::kText, column.rank});
  }
  return table;
}

}  // namespace

OutputFormat ChooseFormat(const std::string& asked, bool terminal,
                          OutputFormat piped) {
  if (asked == "table") return OutputFormat::kTable;
  if (asked == "jsonl") return OutputFormat::kJsonLines;
  if (asked == "csv") return OutputFormat::kCsv;
  return terminal ? OutputFormat::kTable : piped;
}

size_t TableLimit(bool wide, int fd) {
  const auto terminal = TerminalSizeOf(fd);
  return wide || !terminal.has_value() ? kNoLimit : terminal->columns;
}

void TellLeftOut(const std::vector<std::string>& columns) {
  if (columns.empty()) return;
  Complain(absl::StrCat("columns not shown: ",
                        absl::AsciiStrToLower(absl::StrJoin(columns, ", ")),
                        "; --wide shows all"));
}

RowPrinter::RowPrinter(const FormatFlags& format,
                       absl::Span<const Column> columns, Rows rows)
    : format_(ChooseFormat(format.name, isatty(STDOUT_FILENO) != 0,
                           OutputFormat::kJsonLines)),
      columns_(columns),
      limit_(TableLimit(format.wide, STDOUT_FILENO)) {
  if (rows == Rows::kOneByOne) layout_.emplace(TableColumnsOf(columns), limit_);
}

void RowPrinter::Print(std::vector<std::string> values) {
  const bool first = !std::exchange(begun_, true);
  std::string text;
  switch (format_) {
    case OutputFormat::kJsonLines:
      text = absl::StrCat("{", JsonMembers(columns_, values), "}\n");
      break;
    case OutputFormat::kTable:
      if (!layout_.has_value()) {
        held_.push_back(std::move(values));
        return;
      }
      if (first) text = layout_->Header();
      text += layout_->Row(values);
      break;
    case OutputFormat::kCsv:
      for (const Column& column : columns_) {
        if (first) absl::StrAppend(&text, column.name, ",");
      }
      if (first) text.back() = '\n';
      for (size_t i = 0; i < values.size(); ++i) {
        AppendCsvField(GuardFormula(columns_[i].name, values[i]), ',', &text);
        text.push_back(',');
      }
      text.back() = '\n';
      break;
  }
  // The output keeps an error until Flush returns it.
  output_.Write(text).IgnoreError();
}

absl::Status RowPrinter::Flush() { return output_.Flush(); }

absl::Status RowPrinter::Finish() {
  std::vector<std::string> left_out;
  if (!held_.empty()) {
    output_
        .Write(AlignTable(TableColumnsOf(columns_), held_, limit_, &left_out))
        .IgnoreError();
  } else if (format_ == OutputFormat::kTable && begun_) {
    left_out = layout_->LeftOut();
  }
  absl::Status closed = output_.Close();
  if (closed.ok()) TellLeftOut(left_out);
  return closed;
}

ExitCode PrintRows(const FormatFlags& format, absl::Span<const Column> columns,
                   std::vector<std::vector<std::string>> rows) {
  RowPrinter printer(format, columns, RowPrinter::Rows::kWhole);
  for (std::vector<std::string>& row : rows) printer.Print(std::move(row));
  const absl::Status printed = printer.Finish();
  return printed.ok() ? ExitCode::kOk : ComplainOutput(printed);
}

}  // namespace portrait::cli
