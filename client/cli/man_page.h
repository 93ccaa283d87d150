// Manual pages.
#ifndef PORTRAIT_CLIENT_CLI_MAN_PAGE_H_
#define PORTRAIT_CLIENT_CLI_MAN_PAGE_H_

#include <string>
#include <utility>
#include <vector>

#include "client/cli/command_tree.h"

namespace portrait::cli {

// The pages' file names and contents: portrait.1, and a page for each command,
// such as portrait-enrich.1. A page holds the commands below its own.
std::vector<std::pair<std::string, std::string>> ManPages(
    const CommandInfo& root, const std::string& version);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_MAN_PAGE_H_
