// Completion scripts for shells.
#ifndef PORTRAIT_CLIENT_CLI_COMPLETION_H_
#define PORTRAIT_CLIENT_CLI_COMPLETION_H_

#include <string>

#include "client/cli/command_tree.h"

namespace portrait::cli {

// Each script completes commands, flags and the values of flags that have a
// fixed set of them; everything else is completed as a file name.
std::string BashCompletion(const CommandInfo& root);
std::string ZshCompletion(const CommandInfo& root);
std::string FishCompletion(const CommandInfo& root);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COMPLETION_H_
