#include "client/cli/terminal_picture.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace portrait::cli {
namespace {

constexpr int kAnswerTimeoutMilliseconds = 200;
constexpr size_t kMaxAnswerBytes = 64;
constexpr size_t kKittyChunkBytes = 4096;  // the protocol's limit
// A character is twice as high as wide; this many pixels wide when a picture of
// pixels has to fit a number of characters.
constexpr uint32_t kPixelsPerColumn = 8;
constexpr int kSixelRows = 6;
constexpr int kCubeSide = 6;  // of the 216 colors of a palette

struct Rgb {
  uint8_t red = 0;
  uint8_t green = 0;
  uint8_t blue = 0;
};

Rgb At(const Pixels& pixels, uint32_t x, uint32_t y) {
  const uint8_t* pixel =
      pixels.bytes.data() + y * pixels.row_bytes() + x * pixels.channels;
  if (pixels.channels == 1) return {pixel[0], pixel[0], pixel[0]};
  return {pixel[0], pixel[1], pixel[2]};
}

Pixels Fit(const Pixels& picture, uint32_t width) {
  const auto height = std::max<uint32_t>(
      1,
      static_cast<uint32_t>(uint64_t{picture.height} * width / picture.width));
  return ResizeLanczos(picture, width, height);
}

std::string DrawKitty(const Pixels& picture, size_t columns) {
  std::string raw;
  for (uint32_t y = 0; y < picture.height; ++y) {
    for (uint32_t x = 0; x < picture.width; ++x) {
      const Rgb color = At(picture, x, y);
      raw.push_back(static_cast<char>(color.red));
      raw.push_back(static_cast<char>(color.green));
      raw.push_back(static_cast<char>(color.blue));
    }
  }
  const std::string data = absl::Base64Escape(raw);
  // a=T: transmit and show; f=24: RGB; q=2: no answers.
  std::string control =
      absl::StrCat("a=T,f=24,q=2,s=", picture.width, ",v=", picture.height,
                   ",c=", columns, ",");
  std::string out;
  for (size_t at = 0; at < data.size(); at += kKittyChunkBytes) {
    const bool more = at + kKittyChunkBytes < data.size();
    absl::StrAppend(&out, "\x1b_G", control, "m=", more ? 1 : 0, ";",
                    data.substr(at, kKittyChunkBytes), "\x1b\\");
    control.clear();
  }
  return absl::StrCat(out, "\n");
}

std::string DrawITerm2(const Pixels& picture, size_t columns) {
  const absl::StatusOr<std::string> jpeg = EncodeJpeg(picture);
  if (!jpeg.ok()) return "";
  return absl::StrCat(
      "\x1b]1337;File=inline=1;preserveAspectRatio=1;width=", columns,
      ";size=", jpeg->size(), ":", absl::Base64Escape(*jpeg), "\x07\n");
}

// The level of a sample in the color cube, with an ordered dither so that faces
// show no bands.
int CubeLevel(uint8_t sample, uint32_t x, uint32_t y) {
  constexpr std::array<int, 16> kDither = {0, 8,  2, 10, 12, 4, 14, 6,
                                           3, 11, 1, 9,  15, 7, 13, 5};
  const int dither = kDither[(y % 4) * 4 + x % 4];
  return std::min(kCubeSide - 1,
                  (sample * (kCubeSide - 1) * 16 + dither * 255) / (255 * 16));
}

int CubeColor(Rgb color, uint32_t x, uint32_t y) {
  return (CubeLevel(color.red, x, y) * kCubeSide +
          CubeLevel(color.green, x, y)) *
             kCubeSide +
         CubeLevel(color.blue, x, y);
}

void AppendSixels(char sixel, size_t times, std::string* out) {
  if (times > 3) {
    absl::StrAppend(out, "!", times, std::string(1, sixel));
  } else {
    out->append(times, sixel);
  }
}

// One color's pixels of a band of six rows.
void AppendSixelBand(const std::vector<int>& colors, uint32_t width, int color,
                     std::string* out) {
  char last = 0;
  size_t times = 0;
  for (uint32_t x = 0; x < width; ++x) {
    int bits = 0;
    for (int row = 0; row < kSixelRows; ++row) {
      const size_t at = static_cast<size_t>(row) * width + x;
      if (at < colors.size() && colors[at] == color) bits |= 1 << row;
    }
    const char sixel = static_cast<char>('?' + bits);
    if (sixel != last) AppendSixels(last, std::exchange(times, 0), out);
    last = sixel;
    ++times;
  }
  AppendSixels(last, times, out);
}

std::string DrawSixel(const Pixels& picture) {
  std::string out =
      absl::StrCat("\x1bPq\"1;1;", picture.width, ";", picture.height);
  for (int color = 0; color < kCubeSide * kCubeSide * kCubeSide; ++color) {
    const auto percent = [](int level) {
      return level * 100 / (kCubeSide - 1);
    };
    absl::StrAppend(&out, "#", color, ";2;",
                    percent(color / (kCubeSide * kCubeSide)), ";",
                    percent(color / kCubeSide % kCubeSide), ";",
                    percent(color % kCubeSide));
  }
  for (uint32_t top = 0; top < picture.height; top += kSixelRows) {
    std::vector<int> colors;
    std::vector<bool> used(kCubeSide * kCubeSide * kCubeSide);
    const uint32_t bottom = std::min(picture.height, top + kSixelRows);
    for (uint32_t y = top; y < bottom; ++y) {
      for (uint32_t x = 0; x < picture.width; ++x) {
        colors.push_back(CubeColor(At(picture, x, y), x, y));
        used[static_cast<size_t>(colors.back())] = true;
      }
    }
    for (size_t color = 0; color < used.size(); ++color) {
      if (!used[color]) continue;
      absl::StrAppend(&out, "#", color);
      AppendSixelBand(colors, picture.width, static_cast<int>(color), &out);
      out.push_back('$');
    }
    out.push_back('-');
  }
  return absl::StrCat(out, "\x1b\\\n");
}

std::string ColorCode(int layer, Rgb color, bool true_color) {
  if (true_color) {
    return absl::StrCat("\x1b[", layer, ";2;", color.red, ";", color.green, ";",
                        color.blue, "m");
  }
  constexpr int kFirstCubeColor = 16;
  const auto level = [](uint8_t sample) {
    return (sample * (kCubeSide - 1) + 127) / 255;
  };
  return absl::StrCat(
      "\x1b[", layer, ";5;",
      kFirstCubeColor +
          (level(color.red) * kCubeSide + level(color.green)) * kCubeSide +
          level(color.blue),
      "m");
}

// Two pixels in each character: the upper one as its color, the lower one as
// its ground.
std::string DrawHalfBlocks(const Pixels& picture, bool true_color) {
  constexpr int kForeground = 38;
  constexpr int kBackground = 48;
  std::string out;
  for (uint32_t y = 0; y < picture.height; y += 2) {
    for (uint32_t x = 0; x < picture.width; ++x) {
      out += ColorCode(kForeground, At(picture, x, y), true_color);
      if (y + 1 < picture.height) {
        out += ColorCode(kBackground, At(picture, x, y + 1), true_color);
      }
      out += "▀";
    }
    out += "\x1b[0m\n";
  }
  return out;
}

}  // namespace

TerminalGraphics GraphicsOf(const Environment& environment,
                            absl::string_view attributes) {
  const std::string term = environment("TERM");
  const std::string program = environment("TERM_PROGRAM");
  const std::string colors = environment("COLORTERM");
  const bool multiplexed = !environment("TMUX").empty() ||
                           absl::StartsWith(term, "screen") ||
                           absl::StartsWith(term, "tmux");
  if (!multiplexed) {
    if (!environment("KITTY_WINDOW_ID").empty() || term == "xterm-kitty" ||
        term == "xterm-ghostty" || program == "ghostty") {
      return TerminalGraphics::kKitty;
    }
    if (program == "iTerm.app" || program == "WezTerm" || program == "mintty") {
      return TerminalGraphics::kITerm2;
    }
    absl::ConsumePrefix(&attributes, "\x1b[?");
    absl::ConsumeSuffix(&attributes, "c");
    for (const absl::string_view attribute : absl::StrSplit(attributes, ';')) {
      if (attribute == "4") return TerminalGraphics::kSixel;
    }
  }
  return colors == "truecolor" || colors == "24bit" ||
                 absl::EndsWith(term, "-direct")
             ? TerminalGraphics::kTrueColor
             : TerminalGraphics::kColors256;
}

std::string AskTerminalAttributes(int fd) {
  termios before = {};
  if (isatty(fd) == 0 || tcgetattr(fd, &before) != 0) return "";
  termios raw = before;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  if (tcsetattr(fd, TCSANOW, &raw) != 0) return "";
  std::string answer;
  constexpr absl::string_view kQuery = "\x1b[c";
  if (write(fd, kQuery.data(), kQuery.size()) ==
      static_cast<ssize_t>(kQuery.size())) {
    pollfd readable = {fd, POLLIN, 0};
    char c = 0;
    while (answer.size() < kMaxAnswerBytes && !absl::EndsWith(answer, "c") &&
           poll(&readable, 1, kAnswerTimeoutMilliseconds) > 0 &&
           read(fd, &c, 1) == 1) {
      answer.push_back(c);
    }
  }
  tcsetattr(fd, TCSANOW, &before);
  return absl::EndsWith(answer, "c") ? answer : "";
}

std::string DrawPicture(const Pixels& picture, TerminalGraphics graphics,
                        size_t columns) {
  const auto width = static_cast<uint32_t>(columns);
  switch (graphics) {
    case TerminalGraphics::kKitty:
      return DrawKitty(picture, columns);
    case TerminalGraphics::kITerm2:
      return DrawITerm2(picture, columns);
    case TerminalGraphics::kSixel:
      return DrawSixel(Fit(picture, width * kPixelsPerColumn));
    case TerminalGraphics::kTrueColor:
      return DrawHalfBlocks(Fit(picture, width), /*true_color=*/true);
    case TerminalGraphics::kColors256:
      return DrawHalfBlocks(Fit(picture, width), /*true_color=*/false);
  }
  return "";
}

}  // namespace portrait::cli
