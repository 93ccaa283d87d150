// portrait report RUN -o FILE
#include <memory>

#include "client/cli/command_support.h"
#include "client/cli/commands.h"
#include "client/cli/report_page.h"

namespace portrait::cli {

void AddReportCommand(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "report",
      "Writes an HTML page about an output of enrich, without a lookup");
  auto flags = std::make_shared<ReportFlags>();
  command
      ->add_option("RUN", flags->run,
                   "Output of portrait enrich: CSV or JSON Lines")
      ->required();
  command->add_option("-o,--output", flags->output, "File for the page")
      ->required();
  command->add_option("--images", flags->images,
                      "Folder of the pictures that the column "
                      "portrait_image_path of the run names");
  command
      ->add_option("--max-pictures", flags->max_pictures,
                   "Maximum number of pictures in the page")
      ->check(CLI::Range(size_t{0}, size_t{200'000}))
      ->capture_default_str();
  command->footer(
      "This command needs no server. The page opens from the disk in any "
      "browser, loads nothing from the network, and can be printed. It shows "
      "the number of contacts with each outcome, changed pictures before and "
      "after, contacts with the same picture, failures with their reasons, and "
      "a sheet of all contacts with filters and a search. Without --images, it "
      "shows no pictures. Pictures are decoded in a sandboxed process; small "
      "ones are part of the page, and beyond 12 MiB they are files in the "
      "folder FILE_files.");
  command->callback([flags, &program] {
    if (absl::Status made = MakeReport(*flags); !made.ok()) {
      Complain(made.message());
      program.exit_code = ExitCode::kUsage;
    }
  });
}

}  // namespace portrait::cli
