#include "client/cli/terminal_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace portrait::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TerminalGraphics GraphicsWith(std::map<std::string, std::string> variables,
                              absl::string_view attributes = "") {
  return GraphicsOf([&](const char* name) { return variables[name]; },
                    attributes);
}

// Red above, blue below.
Pixels Flag(uint32_t width, uint32_t height) {
  Pixels pixels{width, height, 3, {}};
  for (uint32_t y = 0; y < height; ++y) {
    for (uint32_t x = 0; x < width; ++x) {
      const bool upper = y < height / 2;
      const uint8_t red = upper ? 255 : 0;
      const uint8_t blue = upper ? 0 : 255;
      pixels.bytes.insert(pixels.bytes.end(), {red, 0, blue});
    }
  }
  return pixels;
}

TEST(TerminalPictureTest, ChoosesWhatTheTerminalSaysItHas) {
  constexpr absl::string_view kWithSixel = "\x1b[?62;4;22c";
  EXPECT_EQ(TerminalGraphics::kKitty, GraphicsWith({{"TERM", "xterm-kitty"}}));
  EXPECT_EQ(TerminalGraphics::kITerm2,
            GraphicsWith({{"TERM_PROGRAM", "iTerm.app"}}));
  EXPECT_EQ(TerminalGraphics::kSixel,
            GraphicsWith({{"TERM", "foot"}}, kWithSixel));
  EXPECT_EQ(TerminalGraphics::kColors256,
            GraphicsWith({{"TERM", "xterm-256color"}}, "\x1b[?64;14;22c"));
  EXPECT_EQ(TerminalGraphics::kTrueColor,
            GraphicsWith({{"COLORTERM", "truecolor"}}));
  EXPECT_EQ(TerminalGraphics::kTrueColor,
            GraphicsWith({{"TERM", "tmux-256color"},
                          {"TMUX", "/tmp/tmux"},
                          {"KITTY_WINDOW_ID", "1"},
                          {"COLORTERM", "24bit"}},
                         kWithSixel));
}

TEST(TerminalPictureTest, DrawsTwoPixelsInEachCharacter) {
  EXPECT_EQ(
      "\x1b[38;2;255;0;0m\x1b[48;2;0;0;255m▀"
      "\x1b[38;2;255;0;0m\x1b[48;2;0;0;255m▀\x1b[0m\n",
      DrawPicture(Flag(2, 2), TerminalGraphics::kTrueColor, 2));
  EXPECT_EQ("\x1b[38;5;196m\x1b[48;5;21m▀\x1b[0m\n",
            DrawPicture(Flag(1, 2), TerminalGraphics::kColors256, 1));
  // A grey picture with an odd number of rows: the last has no lower half.
  const Pixels grey{1, 3, 1, {0, 255, 128}};
  EXPECT_EQ(
      "\x1b[38;2;0;0;0m\x1b[48;2;255;255;255m▀\x1b[0m\n"
      "\x1b[38;2;128;128;128m▀\x1b[0m\n",
      DrawPicture(grey, TerminalGraphics::kTrueColor, 1));
}

TEST(TerminalPictureTest, FitsAPictureIntoItsColumns) {
  const std::vector<std::string> lines =
      absl::StrSplit(DrawPicture(Flag(200, 100), TerminalGraphics::kTrueColor,
                                 kPictureColumns),
                     '\n');
  EXPECT_EQ(kPictureColumns / 4 + 1, lines.size());
  const std::vector<std::string> blocks = absl::StrSplit(lines[0], "▀");
  EXPECT_EQ(kPictureColumns + 1, blocks.size());
}

TEST(TerminalPictureTest, SendsKittyItsPixelsInChunks) {
  const Pixels picture = Flag(100, 100);
  const std::string drawn =
      DrawPicture(picture, TerminalGraphics::kKitty, kPictureColumns);
  EXPECT_THAT(drawn, StartsWith("\x1b_Ga=T,f=24,q=2,s=100,v=100,c=32,m=1;"));
  std::string data;
  const std::vector<std::string> chunks = absl::StrSplit(drawn, "\x1b\\");
  for (const std::string& chunk : chunks) {
    const size_t begin = chunk.find(';');
    if (begin == std::string::npos) continue;
    EXPECT_LE(chunk.size() - begin - 1, 4096u);
    data += chunk.substr(begin + 1);
  }
  EXPECT_THAT(chunks[chunks.size() - 2], HasSubstr("m=0;"));
  std::string raw;
  ASSERT_TRUE(absl::Base64Unescape(data, &raw));
  EXPECT_EQ(std::string(picture.bytes.begin(), picture.bytes.end()), raw);
}

TEST(TerminalPictureTest, SendsITerm2AJpeg) {
  const std::string drawn =
      DrawPicture(Flag(64, 64), TerminalGraphics::kITerm2, 32);
  EXPECT_THAT(drawn, StartsWith("\x1b]1337;File=inline=1;"));
  EXPECT_THAT(drawn, HasSubstr("width=32;"));
  const size_t begin = drawn.find(":/9j/");
  ASSERT_NE(std::string::npos, begin);
  std::string jpeg;
  ASSERT_TRUE(absl::Base64Unescape(
      drawn.substr(begin + 1, drawn.find('\x07') - begin - 1), &jpeg));
  EXPECT_TRUE(DecodeJpeg(jpeg, ImageLimits()).ok());
}

TEST(TerminalPictureTest, DrawsSixelsInBandsOfSixRows) {
  // 8 pixels wide and high, one character: a red band, then red and blue rows.
  const std::string drawn =
      DrawPicture(Flag(8, 8), TerminalGraphics::kSixel, 1);
  EXPECT_THAT(drawn, StartsWith("\x1bPq\"1;1;8;8#0;2;0;0;0#1;"));
  // Color 180 is red, color 5 blue. '?' + 0b001111 is 'N', '?' + 0b110000 'o'.
  EXPECT_THAT(drawn, HasSubstr("#5!8o$#180!8N$-#5!8B$-\x1b\\\n"));
}

TEST(TerminalPictureTest, WritesNothingElseThanWhatDraws) {
  for (const auto graphics :
       {TerminalGraphics::kTrueColor, TerminalGraphics::kColors256}) {
    const std::string drawn = DrawPicture(Flag(64, 64), graphics, 16);
    for (const char c : drawn) {
      EXPECT_TRUE(c == '\x1b' || c == '\n' ||
                  !absl::ascii_iscntrl(static_cast<unsigned char>(c)));
    }
    EXPECT_THAT(drawn, Not(HasSubstr("\x1b]")));
    EXPECT_TRUE(absl::EndsWith(drawn, "\x1b[0m\n"));
  }
}

TEST(TerminalPictureTest, AsksOnlyATerminal) {
  EXPECT_EQ("", AskTerminalAttributes(-1));
}

}  // namespace
}  // namespace portrait::cli
