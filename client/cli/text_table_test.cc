// Tests tables: the widths of characters, and what fits a terminal.
#include "client/cli/text_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/cli/clean_cell.h"
#include "client/cli/display_width.h"

namespace portrait::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DisplayWidthTest, CountsTheColumnsOfATerminal) {
  const std::pair<const char*, size_t> cases[] = {
      {"", 0},         {"abc", 3},
      {"Müller", 6},   {"Mu\u0308ller", 6},  // a combining diaeresis
      {"日本語", 6},                         // wide
      {"ｱｲ", 2},                             // halfwidth
      {"한국", 4},     {"שלום", 4},
      {"😀", 2},        {"👩\u200D👩\u200D👧", 2},  // one emoji of three
      {"👍🏽", 2},                          // with a colour of skin
      {"🇩🇪", 2},                                // two letters that are a flag
      {"a\u200Bb", 2},                          // a space without width
  };
  for (const auto& [text, width] : cases) {
    EXPECT_EQ(DisplayWidth(text), width) << text;
  }
}

TEST(DisplayWidthTest, APrefixNeverCutsACharacter) {
  EXPECT_EQ(PrefixOfWidth("日本語", 5), "日本");
  EXPECT_EQ(PrefixOfWidth("e\u0301e\u0301", 1), "e\u0301");
  EXPECT_EQ(PrefixOfWidth("a👩\u200D👧b", 2), "a");
  EXPECT_EQ(PrefixOfWidth("a👩\u200D👧b", 3), "a👩\u200D👧");
  EXPECT_EQ(PrefixOfWidth("abc", 9), "abc");
}

TEST(CleanCellTest, RemovesTerminalControlCharacters) {
  EXPECT_EQ(CleanCell("a\033[2Jb\n\x7F"
                      "c\xFF"),
            "a?[2Jb??c?");
  // C1: U+009B starts a control sequence as well.
  EXPECT_EQ(CleanCell("\xC2\x9B"
                      "2J\xC2\x80\xC2\x9F\xC2\xA0"),
            "?2J??\xC2\xA0");
  EXPECT_EQ(CleanCell("a\u2028b\u2029c"), "a?b?c");
}

TEST(CleanCellTest, RemovesCharactersThatChangeTheTextDirection) {
  EXPECT_EQ(CleanCell("\u202Aa\u202Bb\u202Cc\u202Dd\u202Ee"), "abcde");
  EXPECT_EQ(CleanCell("\u2066a\u2067b\u2068c\u2069d"), "abcd");
  EXPECT_EQ(CleanCell("\u200Ea\u200Fb\u061Cc"), "abc");
  // Characters beside them stay: a joiner, a hyphen, an ellipsis.
  EXPECT_EQ(CleanCell("\u200D\u2010\u2026"), "\u200D\u2010\u2026");
}

TEST(TextTableTest, AlignsByColumnsAndLeavesEmptyColumnsOut) {
  EXPECT_EQ(AlignTable({{"NAME"}, {"EMPTY"}, {"ID"}},
                       {{"日本", "", "1"}, {"Müller", "", "22"}}, kNoLimit),
            "NAME    ID\n"
            "日本    1\n"
            "Müller  22\n");
}

TEST(TextTableTest, CutsTextThatIsTooWide) {
  EXPECT_EQ(AlignRow({4, kNoLimit}, {"Müller", "long"}), "Mül…  long\n");
  EXPECT_EQ(AlignRow({4, 3}, {"日本語", "long"}), "日…   lo…\n");
}

std::vector<TableColumn> Columns() {
  return {{"ID", 20, /*whole=*/true, 0},
          {"TEXT", 30, /*whole=*/false, 1},
          {"TIME", 20, /*whole=*/true, 2},
          {"NOTE", 20, /*whole=*/false, 3}};
}

const std::vector<std::string>& Cells() {
  static const auto& cells =
      *new std::vector<std::string>{std::string(20, 'i'), std::string(30, 't'),
                                    std::string(20, 'm'), std::string(20, 'n')};
  return cells;
}

TEST(TextTableTest, ATableThatFitsIsNotCut) {
  const TableLayout table(Columns(), 96);
  EXPECT_THAT(table.LeftOut(), IsEmpty());
  EXPECT_EQ(table.Row(Cells()), Cells()[0] + "  " + Cells()[1] + "  " +
                                    Cells()[2] + "  " + Cells()[3] + "\n");
}

TEST(TextTableTest, AColumnOfTextIsShortenedTheLeastImportantFirst) {
  EXPECT_EQ(TableLayout(Columns(), 90).Row(Cells()),
            Cells()[0] + "  " + Cells()[1] + "  " + Cells()[2] + "  " +
                std::string(13, 'n') + "…\n");
  EXPECT_EQ(TableLayout(Columns(), 80).Row(Cells()),
            Cells()[0] + "  " + std::string(23, 't') + "…  " + Cells()[2] +
                "  " + std::string(9, 'n') + "…\n");
}

TEST(TextTableTest, ColumnsAreLeftOutByRankAndIdsAreNeverCut) {
  const TableLayout narrow(Columns(), 60);
  EXPECT_THAT(narrow.LeftOut(), ElementsAre("NOTE"));
  EXPECT_EQ(narrow.Header(), "ID" + std::string(20, ' ') + "TEXT" +
                                 std::string(14, ' ') + "TIME\n");
  const TableLayout narrower(Columns(), 35);
  EXPECT_THAT(narrower.LeftOut(), ElementsAre("TIME", "NOTE"));
  EXPECT_EQ(narrower.Row(Cells()),
            Cells()[0] + "  " + std::string(12, 't') + "…\n");
  const TableLayout narrowest(Columns(), 10);
  EXPECT_THAT(narrowest.LeftOut(), ElementsAre("TEXT", "TIME", "NOTE"));
  EXPECT_EQ(narrowest.Row(Cells()), Cells()[0] + "\n");
}

TEST(TextTableTest, EveryLineFitsEveryTerminal) {
  const std::string names[] = {"日本語の名前です", "👩\u200D👩\u200D👧 family",
                               "e\u0301e\u0301 combining", "plain"};
  std::vector<std::vector<std::string>> rows;
  for (const std::string& name : names) {
    rows.push_back({"+4915112345678", name, name + name, "2026-11-21"});
  }
  for (size_t limit = 14; limit < 120; ++limit) {
    const std::string table = AlignTable({{"PHONE", 0, /*whole=*/true, 0},
                                          {"NAME", 0, /*whole=*/false, 1},
                                          {"MORE", 0, /*whole=*/false, 3},
                                          {"TIME", 0, /*whole=*/true, 2}},
                                         rows, limit);
    size_t start = 0;
    for (size_t end; (end = table.find('\n', start)) != std::string::npos;
         start = end + 1) {
      EXPECT_LE(DisplayWidth(table.substr(start, end - start)), limit) << table;
    }
  }
}

}  // namespace
}  // namespace portrait::cli
