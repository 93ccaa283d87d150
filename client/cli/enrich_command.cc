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
    "Looks up every contact of a list, and writes the list with the "
    "results.\n\n"
    "The list is CSV (separated by comma, semicolon, tab or bar), JSON Lines "
    "(one object per line) or one number per line. The phone column of a CSV "
    "or JSON list is found by its name or its content. If the list has a "
    "country column, a number that is not in international form is parsed with "
    "the country of its row, else with --default-country. Before the first "
    "lookup, the command reports which columns and country it uses.\n\n"
    "The output has the rows of the list in the same order, with all their "
    "columns. CSV output appends these columns; JSON Lines output has them in "
    "the member \"portrait\", without the prefix \"portrait_\":";

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
    if (HasColumn(flags->job.columns, "shared_by")) {
      flags->job.lookup.set_shared_by(true);
    }
    // A column that is asked for by its name should not stay empty.
    if (flags->job.lookup.size() == v1::PICTURE_SIZE_FULL &&
        HasColumn(flags->job.columns, "preview_url")) {
      flags->job.lookup.set_size(v1::PICTURE_SIZE_BOTH);
    }
  }
  if (!flags->job.images.empty()) {
    flags->job.lookup.set_images(v1::IMAGE_WISH_WAIT);
  } else if (HasImageColumn(flags->job.columns)) {
    return absl::InvalidArgumentError(
        "--columns: the columns of images need --images DIR");
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
  report.images = flags.job.images;
  const absl::Status made = MakeReport(report);
  if (made.ok()) return code;
  Complain(made.message());
  return ExitCode::kUsage;
}

void AddInputFlags(CLI::App& command, EnrichJobOptions* job) {
  AddListFlags(command, &job->input, &job->table);
  command.add_flag(
      "--dry-run", job->dry_run,
      "Show how the first ten rows are parsed, and exit without a lookup");
}

void AddOutputFlags(CLI::App& command, EnrichFlags* flags) {
  command.add_option("--report", flags->report,
                     "After the run, write an HTML page about the result to "
                     "this file, such as report.html; see portrait report");
  command.add_option(
      "--images", flags->job.images,
      "Save the picture of each contact in this folder, as "
      "CONTACT-PICTURE_ID.jpg; needs a server with --images. A picture that "
      "cannot be saved does not fail its row");
  command.add_flag("--raw-csv", flags->job.raw_csv,
                   "Write names unchanged, even if a spreadsheet would "
                   "interpret them as formulas");
  command
      .add_option("-o,--output", flags->job.output,
                  "File for the output; - writes to standard output")
      ->capture_default_str();
  command
      .add_option(
          "--format", flags->job.format.name,
          "Output format: csv, jsonl or table. If unset, the extension of the "
          "output file decides; without one, the output is a table on a "
          "terminal, and otherwise has the format of the list")
      ->check(CLI::IsMember({"table", "jsonl", "csv"}));
  AddWideFlag(command, &flags->job.format.wide);
  command.add_option("--columns", flags->columns,
                     "Result columns of the output, in this order, optionally "
                     "with other names: state,url=Photo. If unset, all columns "
                     "below; preview_url only if --size requests it");
  command.add_flag(
      "--resume", flags->job.resume,
      "Continue the output of an interrupted run. Its rows are kept and are "
      "not looked up again, not even failed ones. To retry failed rows, run "
      "again without --resume: fresh results come from the store");
  command
      .add_option("--progress", flags->progress,
                  "Show a progress line: auto (on a terminal), always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  command
      .add_option(
          "--samples", flags->job.samples,
          "Number of sample results to show for each kind of result at the end")
      ->check(CLI::Range(size_t{0}, kMaxSamplesPerKind))
      ->capture_default_str();
  command
      .add_option("--retry-for", flags->retry_for,
                  "If the server is unreachable, keep retrying for this time "
                  "after its last answer")
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
