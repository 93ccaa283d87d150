// The size of the terminal that a command writes to.
#ifndef PORTRAIT_CLIENT_CLI_TERMINAL_SIZE_H_
#define PORTRAIT_CLIENT_CLI_TERMINAL_SIZE_H_

#include <cstddef>
#include <optional>

namespace portrait::cli {

// In characters.
struct TerminalSize {
  size_t columns = 80;
  size_t rows = 24;
};

// The size now; it changes when a user resizes the window. Nothing if `fd` is
// not a terminal, or one that does not know its size.
std::optional<TerminalSize> TerminalSizeOf(int fd);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_TERMINAL_SIZE_H_
