// portrait enrich FILE|-
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/column_choice.h"
#include "client/cli/columns.h"
#include "client/cli/command_support.h"
#include "client/cli/commands.h"
#include "client/cli/enrich_job.h"
#include "client/cli/list_flags.h"
#include "client/cli/report_page.h"

namespace portrait::cli {
namespace {

constexpr char kAbout[] =
    "Looks up every contact of a list and puts out the list with what was "
    "found.\n\n"
    "The list is CSV (comma, semicolon, tab or bar; the phone column is found "
    "by its name or by what stands in it), JSON Lines (an object a line) or "
    "one number a line. Numbers that are not in international form are read "
    "with the country of their row, if the list has a column of countries, "
    "or with --default-country. What was chosen is said before anything is "
    "asked.\n\n"
    "The output has the list's rows in their order, with every column they "
    "had. CSV has these columns after them; JSON Lines has them, without "
    "\"portrait_\", in the member \"portrait\":";

struct EnrichFlags {
  std::string progress = "auto";
  std::string retry_for = "2m";
  std::string columns;
  std::string report;  // a page to make at the end
  LookupFlags lookup;
  EnrichJobOptions job;
};

absl::Status Complete(EnrichFlags* flags) {
  const absl::StatusOr<v1::LookupOptions> lookup =
      LookupOptionsOf(flags->lookup);
  if (!lookup.ok()) return lookup.status();
  flags->job.lookup = *lookup;
  flags->job.table.default_country = flags->lookup.default_country;
  const absl::StatusOr<absl::Duration> retry_for =
      ParseDuration("--retry-for", flags->retry_for);
  if (!retry_for.ok()) return retry_for.status();
  flags->job.retry_for = *retry_for;
  if (!flags->columns.empty()) {
    auto columns = ParseColumns(flags->columns);
    if (!columns.ok()) return columns.status();
    flags->job.columns = *std::move(columns);
    // A column that is asked for by its name should not stay empty.
    if (flags->job.lookup.size() == v1::PICTURE_SIZE_FULL &&
        HasColumn(flags->job.columns, "preview_url")) {
      flags->job.lookup.set_size(v1::PICTURE_SIZE_BOTH);
    }
  }
  const std::string& output = flags->job.output;
  if (!flags->report.empty() &&
      (output == "-" || flags->job.format.name == "table")) {
    return absl::InvalidArgumentError(
        "--report needs the result in a file: -o result.csv");
  }
  if (flags->progress == "always") {
    flags->job.progress = ShowProgress::kAlways;
  } else if (flags->progress == "never") {
    flags->job.progress = ShowProgress::kNever;
  }
  return absl::OkStatus();
}

ExitCode Enrich(EnrichFlags flags, Program& program) {
  if (absl::Status status = Complete(&flags); !status.ok()) {
    Complain(status.message());
    return ExitCode::kUsage;
  }
  const auto client = Connect(program);
  if (client == nullptr) return ExitCode::kUsage;
  const ExitCode code = EnrichJob(*client, flags.job).Run(program.interrupt);
  const bool done = code == ExitCode::kOk || code == ExitCode::kSomeFailed;
  if (!done || flags.report.empty() || flags.job.dry_run) return code;
  ReportFlags report;
  report.run = flags.job.output;
  report.output = flags.report;
  const absl::Status made = MakeReport(report);
  if (made.ok()) return code;
  Complain(made.message());
  return ExitCode::kUsage;
}

void AddInputFlags(CLI::App& command, EnrichJobOptions* job) {
  AddListFlags(command, &job->input, &job->table);
  command.add_flag("--dry-run", job->dry_run,
                   "Show how the first ten rows are read, ask nothing");
}

void AddOutputFlags(CLI::App& command, EnrichFlags* flags) {
  command.add_option("--report", flags->report,
                     "At the end, make this page of the result: report.html; "
                     "see portrait report");
  command.add_flag("--raw-csv", flags->job.raw_csv,
                   "Write names as they are, even if a spreadsheet would take "
                   "them for formulas");
  command
      .add_option("-o,--output", flags->job.output,
                  "Where the result goes; -: standard output")
      ->capture_default_str();
  command
      .add_option("--format", flags->job.format.name,
                  "csv, jsonl or table; unset: as the output's name ends, a "
                  "table on a terminal, else as the list")
      ->check(CLI::IsMember({"table", "jsonl", "csv"}));
  AddWideFlag(command, &flags->job.format.wide);
  command.add_option(
      "--columns", flags->columns,
      "Our columns that the output has, in this order, and their names in it: "
      "state,url=Photo; unset: those below, preview_url only if --size asks "
      "for it");
  command.add_flag(
      "--resume", flags->job.resume,
      "Go on with the output of an interrupted run: rows that are there stay "
      "and are not asked about again, failed ones neither (to ask about those, "
      "run again without --resume: what is fresh comes from the store)");
  command
      .add_option("--progress", flags->progress,
                  "A line that shows how far it is: auto (on a terminal), "
                  "always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  command
      .add_option("--samples", flags->job.samples,
                  "Show that many results of every kind at the end")
      ->check(CLI::Range(size_t{0}, kMaxSamplesPerKind))
      ->capture_default_str();
  command
      .add_option("--retry-for", flags->retry_for,
                  "How long to keep trying without any answer when the server "
                  "is away")
      ->capture_default_str();
}

}  // namespace

void AddEnrichCommand(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("enrich", "Looks up every contact of a list");
  auto flags = std::make_shared<EnrichFlags>();
  AddInputFlags(*command, &flags->job);
  AddOutputFlags(*command, flags.get());
  AddLookupFlags(*command, &flags->lookup);
  command->footer(
      absl::StrCat(kAbout, "\n", ResultColumnsHelp(), "\n", kExitCodeHelp));
  command->callback(
      [flags, &program] { program.exit_code = Enrich(*flags, program); });
}

}  // namespace portrait::cli
