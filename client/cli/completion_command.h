#ifndef PORTRAIT_CLIENT_CLI_COMPLETION_COMMAND_H_
#define PORTRAIT_CLIENT_CLI_COMPLETION_COMMAND_H_

#include "client/cli/commands.h"

namespace portrait::cli {

// Adds the commands that describe the program itself: completion and man.
void AddCompletionCommand(CLI::App& app, Program& program);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COMPLETION_COMMAND_H_
