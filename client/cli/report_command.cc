// portrait report RUN -o FILE
#include <memory>

#include "client/cli/command_support.h"
#include "client/cli/commands.h"
#include "client/cli/report_page.h"

namespace portrait::cli {

void AddReportCommand(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "report", "Makes a page of the output of enrich; asks nothing");
  auto flags = std::make_shared<ReportFlags>();
  command
      ->add_option("RUN", flags->run,
                   "The output of portrait enrich: CSV "
                   "or JSON Lines")
      ->required();
  command->add_option("-o,--output", flags->output, "The page: report.html")
      ->required();
  command->add_option("--images", flags->images,
                      "The folder of the pictures that the run's column "
                      "portrait_image_path names");
  command
      ->add_option("--max-pictures", flags->max_pictures,
                   "How many pictures the page shows")
      ->check(CLI::Range(size_t{0}, size_t{200'000}))
      ->capture_default_str();
  command->footer(
      "Needs no server. The page opens from the disk in any browser, loads "
      "nothing from the network, and prints. It shows how many contacts have "
      "which outcome, changed pictures before and after, contacts with the "
      "same picture, what failed and why, and all contacts as a sheet with "
      "filters and a search. Without --images it shows no pictures. Pictures "
      "are decoded in a sandboxed process; small ones are part of the page, "
      "and beyond 12 MiB they are files in the folder FILE_files.");
  command->callback([flags, &program] {
    if (absl::Status made = MakeReport(*flags); !made.ok()) {
      Complain(made.message());
      program.exit_code = ExitCode::kUsage;
    }
  });
}

}  // namespace portrait::cli
