// The commands of `portrait`: each function adds its command and flags to the
// program; the command runs if the user has chosen it.
#ifndef PORTRAIT_CLIENT_CLI_COMMANDS_H_
#define PORTRAIT_CLIENT_CLI_COMMANDS_H_

#include "CLI/CLI.hpp"
#include "client/cli/connection_flags.h"
#include "client/cli/exit_code.h"
#include "client/cli/interrupt.h"

namespace portrait::cli {

// The objects that commands share. Must outlive the program's CLI::App.
struct Program {
  explicit Program(Interrupt& interrupt) : interrupt(interrupt) {}

  Interrupt& interrupt;
  ConnectionFlags connection;
  ExitCode exit_code = ExitCode::kOk;  // the exit code of the command that ran
};

void AddGetCommand(CLI::App& app, Program& program);
void AddCheckCommand(CLI::App& app, Program& program);
void AddEnrichCommand(CLI::App& app, Program& program);
void AddDownloadCommand(CLI::App& app, Program& program);
void AddSimilarCommand(CLI::App& app, Program& program);
void AddReportCommand(CLI::App& app, Program& program);
void AddWatchCommand(CLI::App& app, Program& program);
void AddHistoryCommand(CLI::App& app, Program& program);
void AddForgetCommand(CLI::App& app, Program& program);
void AddObjectionCommand(CLI::App& app, Program& program);
void AddHealthCommand(CLI::App& app, Program& program);
void AddSessionCommand(CLI::App& app, Program& program);
void AddTokenCommand(CLI::App& app, Program& program);
void AddUsageCommand(CLI::App& app, Program& program);
void AddAdminCommand(CLI::App& app, Program& program);
void AddClusterCommand(CLI::App& app, Program& program);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COMMANDS_H_
