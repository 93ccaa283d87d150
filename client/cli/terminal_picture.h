// Draws a picture in a terminal, in the best way that the terminal has.
#ifndef PORTRAIT_CLIENT_CLI_TERMINAL_PICTURE_H_
#define PORTRAIT_CLIENT_CLI_TERMINAL_PICTURE_H_

#include <cstddef>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "core/image/pixels.h"

namespace portrait::cli {

enum class TerminalGraphics {
  kKitty,      // Kitty's protocol: Kitty, Ghostty, WezTerm, Konsole
  kITerm2,     // files inline: iTerm2, WezTerm, mintty
  kSixel,      // pixels in bands of six rows: foot, mlterm, xterm -ti vt340
  kTrueColor,  // half blocks in 24-bit colors
  kColors256,  // half blocks in the 256 colors of xterm
};

// The width of a drawn picture, in characters, if the terminal is that wide.
inline constexpr size_t kPictureColumns = 32;

// The value of an environment variable; "" if it is not set.
using Environment = std::function<std::string(const char* name)>;

// `attributes`: the terminal's answer to a query of its primary attributes,
// such as "\x1b[?62;4;22c"; "" if there was none. Inside tmux and screen, which
// do not pass pictures on, half blocks.
TerminalGraphics GraphicsOf(const Environment& environment,
                            absl::string_view attributes);

// Asks the terminal at descriptor `fd` for its primary attributes. Waits at
// most 200 ms; "" if it is no terminal or does not answer.
std::string AskTerminalAttributes(int fd);

// The picture, `columns` characters wide, with a line break at its end. It has
// no control characters but those of the drawing.
std::string DrawPicture(const Pixels& picture, TerminalGraphics graphics,
                        size_t columns);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_TERMINAL_PICTURE_H_
