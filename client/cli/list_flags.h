// The flags that determine how a list is read, for each command that reads one.
#ifndef PORTRAIT_CLIENT_CLI_LIST_FLAGS_H_
#define PORTRAIT_CLIENT_CLI_LIST_FLAGS_H_

#include <string>

#include "CLI/CLI.hpp"
#include "client/cli/table_reader.h"

namespace portrait::cli {

// Adds FILE, --column, --country-column, --header, --no-header and
// --split-cells. Borrows both pointers for as long as the command is used.
void AddListFlags(CLI::App& command, std::string* file, TableOptions* table);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_LIST_FLAGS_H_
