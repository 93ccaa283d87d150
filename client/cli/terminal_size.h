// The size of the terminal that a command writes to.
#ifndef PORTRAIT_CLIENT_CLI_TERMINAL_SIZE_H_
#define PORTRAIT_CLIENT_CLI_TERMINAL_SIZE_H_

#include <cstddef>
#include <optional>

namespace portrait::cli {

// Both values are in characters.
struct TerminalSize {
  size_t columns = 80;
  size_t rows = 24;
};

// The current size; it changes when the user resizes the window. Returns
// nothing if `fd` is not a terminal, or the terminal has no known size.
std::optional<TerminalSize> TerminalSizeOf(int fd);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_TERMINAL_SIZE_H_
