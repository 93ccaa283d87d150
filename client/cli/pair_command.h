// portrait session pair: links a WhatsApp account.
#ifndef PORTRAIT_CLIENT_CLI_PAIR_COMMAND_H_
#define PORTRAIT_CLIENT_CLI_PAIR_COMMAND_H_

#include "CLI/CLI.hpp"
#include "client/cli/commands.h"

namespace portrait::cli {

void AddPairCommand(CLI::App& sessions, Program& program);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_PAIR_COMMAND_H_
