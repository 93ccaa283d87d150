#include "client/cli/terminal_size.h"

#include <sys/ioctl.h>

namespace portrait::cli {

std::optional<TerminalSize> TerminalSizeOf(int fd) {
  winsize size = {};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 ||
      size.ws_row == 0) {
    return std::nullopt;
  }
  return TerminalSize{size.ws_col, size.ws_row};
}

}  // namespace portrait::cli
