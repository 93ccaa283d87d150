// portrait completion SHELL, portrait man FOLDER
#include "client/cli/completion_command.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/command_support.h"
#include "client/cli/command_tree.h"
#include "client/cli/completion.h"
#include "client/cli/man_page.h"
#include "client/cli/output_file.h"

namespace portrait::cli {
namespace {

// The choices in a type such as "TEXT:{table,jsonl,csv}".
std::vector<std::string> ChoicesOf(const std::string& type) {
  const size_t begin = type.find('{');
  const size_t end = type.find('}');
  if (begin == std::string::npos || end == std::string::npos) return {};
  return absl::StrSplit(type.substr(begin + 1, end - begin - 1), ',');
}

FlagInfo FlagOf(const CLI::Option& option) {
  FlagInfo flag;
  for (const std::string& name : option.get_snames()) {
    flag.names.push_back(absl::StrCat("-", name));
  }
  for (const std::string& name : option.get_lnames()) {
    flag.names.push_back(absl::StrCat("--", name));
  }
  flag.about = option.get_description();
  flag.takes_value = option.get_items_expected_max() > 0;
  flag.choices = ChoicesOf(option.get_type_name());
  flag.environment = option.get_envname();
  flag.initial = option.get_default_str();
  return flag;
}

CommandInfo CommandOf(const CLI::App& app, const std::string& path) {
  CommandInfo command;
  command.path = path;
  command.about = app.get_description();
  command.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      command.arguments.push_back(
          {option->get_name(/*positional=*/true), option->get_description(),
           option->get_required(), option->get_items_expected_max() > 1});
    } else {
      command.flags.push_back(FlagOf(*option));
    }
  }
  for (const CLI::App* next : app.get_subcommands({})) {
    command.commands.push_back(CommandOf(
        *next, absl::StrCat(path, path.empty() ? "" : " ", next->get_name())));
  }
  return command;
}

ExitCode PrintScript(const std::string& shell, const CommandInfo& root) {
  OutputFile output("");
  output
      .Write(shell == "bash"  ? BashCompletion(root)
             : shell == "zsh" ? ZshCompletion(root)
                              : FishCompletion(root))
      .IgnoreError();
  const absl::Status status = output.Close();
  return status.ok() ? ExitCode::kOk : ComplainOutput(status);
}

ExitCode WritePages(const std::string& folder, const CommandInfo& root) {
  for (const auto& [name, content] : ManPages(root, PORTRAIT_VERSION)) {
    OutputFile page(absl::StrCat(folder, "/", name));
    page.Write(content).IgnoreError();
    if (const absl::Status status = page.Close(); !status.ok()) {
      return ComplainOutput(status);
    }
  }
  return ExitCode::kOk;
}

}  // namespace

void AddCompletionCommand(CLI::App& app, Program& program) {
  CLI::App* completion = app.add_subcommand(
      "completion", "Prints a shell script that completes commands and flags");
  auto shell = std::make_shared<std::string>();
  completion->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->footer(
      "bash: source <(portrait completion bash)\n"
      "zsh:  source <(portrait completion zsh)\n"
      "fish: portrait completion fish | source\n"
      "The packages install these scripts.");
  completion->callback([shell, &app, &program] {
    program.exit_code = PrintScript(*shell, CommandOf(app, ""));
  });

  CLI::App* man =
      app.add_subcommand("man", "Writes the manual pages to a folder");
  auto folder = std::make_shared<std::string>();
  man->add_option("FOLDER", *folder, "Existing folder for the manual pages")
      ->required();
  man->callback([folder, &app, &program] {
    program.exit_code = WritePages(*folder, CommandOf(app, ""));
  });
}

}  // namespace portrait::cli
