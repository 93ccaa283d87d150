// portrait check FILE|-
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/cli/command_support.h"
#include "client/cli/commands.h"
#include "client/cli/list_flags.h"
#include "client/cli/list_summary.h"
#include "core/contact/number_reader.h"

namespace portrait::cli {
namespace {

struct CheckFlags {
  std::string file;
  FormatFlags format;
  TableOptions table;
};

constexpr Column kCheckColumns[] = {
    {"line", ColumnKind::kNumber, "line on which the row begins", 0, 6},
    {"cell", ColumnKind::kText, "the contact as it is in the list", 0, 30},
    {"country", ColumnKind::kWhole, "country of the row, from the list", 3, 8},
    {"asked", ColumnKind::kText,
     "contact that enrich would look up; empty: none", 1, 24},
    {"refusal", ColumnKind::kWhole, "kind of refusal, such as too_short", 2,
     18},
    {"note", ColumnKind::kText, "reason for the refusal, or removed text", 1,
     30}};

std::string NoteOfRow(const InputRow& row, int64_t first_line) {
  if (!row.refusal.empty()) return row.refusal;
  std::vector<std::string> notes;
  if (first_line > 0) {
    notes.push_back(absl::StrCat("duplicate of line ", first_line));
  }
  if (!row.removed.empty()) {
    notes.push_back(absl::StrCat("without ", absl::StrJoin(row.removed, ", ")));
  }
  return absl::StrJoin(notes, "; ");
}

ExitCode CheckRows(TableReader& list, RowPrinter& printer) {
  ListSummary summary;
  InputRow row;
  while (true) {
    const absl::StatusOr<bool> more = list.Next(&row);
    if (!more.ok()) {
      Complain(more.status().message());
      return ExitCode::kUsage;
    }
    if (!*more) break;
    const int64_t first_line = summary.Add(row);
    printer.Print({absl::StrCat(row.line), row.contact, row.country, row.asked,
                   std::string(row.refusal_kind), NoteOfRow(row, first_line)});
    if (absl::Status status = printer.Flush(); !status.ok()) {
      return ComplainOutput(status);
    }
  }
  if (absl::Status status = printer.Finish(); !status.ok()) {
    return ComplainOutput(status);
  }
  absl::FPrintF(stderr, "%s", summary.Format());
  return summary.refused() > 0 ? ExitCode::kSomeFailed : ExitCode::kOk;
}

ExitCode Check(const CheckFlags& flags, Program& program) {
  const std::string& country = flags.table.default_country;
  if (!country.empty() && !IsCountry(country)) {
    Complain(absl::StrCat("--default-country ", country,
                          ": expected a two-letter country code such as DE or "
                          "US"));
    return ExitCode::kUsage;
  }
  absl::StatusOr<std::unique_ptr<InputBuffer>> input =
      InputBuffer::Open(flags.file);
  if (!input.ok()) {
    Complain(input.status().message());
    return ExitCode::kUsage;
  }
  const Interrupt::Handler stop(program.interrupt,
                                [list = input->get()] { list->Cancel(); });
  const absl::StatusOr<std::unique_ptr<TableReader>> list =
      TableReader::Open(*std::move(input), flags.table);
  if (!list.ok()) {
    Complain(list.status().message());
    return ExitCode::kUsage;
  }
  Complain(absl::StrCat((*list)->name(), ": ", (*list)->Choices()));
  RowPrinter printer(flags.format, kCheckColumns, RowPrinter::Rows::kOneByOne);
  const ExitCode code = CheckRows(**list, printer);
  return program.interrupt.interrupted() ? ExitCode::kInterrupted : code;
}

}  // namespace

void AddCheckCommand(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "check", "Shows how enrich would parse a list, without a lookup");
  auto flags = std::make_shared<CheckFlags>();
  AddListFlags(*command, &flags->file, &flags->table);
  command->add_option("--default-country", flags->table.default_country,
                      "Country (such as DE or US) of numbers that are not in "
                      "international form");
  AddFormatFlag(*command, &flags->format);
  command->footer(
      "This command needs no server. For each row it shows the contact that "
      "enrich would look up, or the reason why the row is refused. Standard "
      "error reports the chosen columns, the country and the counts. Exit code "
      "2 means that some rows are refused.");
  command->callback(
      [flags, &program] { program.exit_code = Check(*flags, program); });
}

}  // namespace portrait::cli
