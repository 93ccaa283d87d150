// Tests the completion scripts and manual pages of a small program; the tests
// of the whole program run them in their shells.
#include "client/cli/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "client/cli/man_page.h"

namespace portrait::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

CommandInfo Small() {
  CommandInfo pair;
  pair.path = "session pair";
  pair.about = "Links an account. It shows a code";
  pair.arguments = {{"NAME", "The session's name", true, false}};
  pair.flags = {{{"--format"}, "table or jsonl", true, {"table", "jsonl"}}};
  CommandInfo session;
  session.path = "session";
  session.about = "Manages accounts";
  session.commands = {pair};
  CommandInfo get;
  get.path = "get";
  get.about = "Looks up contacts";
  get.footer = ".starts with a dot -x";
  get.arguments = {{"CONTACT", "Phone number or JID", true, true}};
  CommandInfo root;
  root.about = "Looks up pictures.";
  root.flags = {{{"-h", "--help"}, "Print this help"},
                {{"--server"}, "Its address", true, {}, "PORTRAIT_SERVER"}};
  root.commands = {get, session};
  return root;
}

TEST(CompletionTest, EveryScriptKnowsCommandsFlagsAndChoices) {
  for (const std::string& script :
       {BashCompletion(Small()), ZshCompletion(Small()),
        FishCompletion(Small())}) {
    EXPECT_THAT(script, AllOf(HasSubstr("session pair"), HasSubstr("server"),
                              HasSubstr("table jsonl")));
  }
}

TEST(CompletionTest, AQuoteInADescriptionEndsNoString) {
  CommandInfo root = Small();
  root.commands[0].about = "Shows the user's contacts";
  EXPECT_THAT(ZshCompletion(root), HasSubstr("'get:Shows the user'\\''s"));
  EXPECT_THAT(FishCompletion(root), HasSubstr("'Shows the user'\\''s contac"));
}

TEST(ManPageTest, EachCommandHasAPage) {
  const auto pages = ManPages(Small(), "1.2");
  ASSERT_EQ(pages.size(), 3u);
  EXPECT_EQ(pages[0].first, "portrait.1");
  EXPECT_THAT(pages[0].second,
              AllOf(StartsWith(".TH PORTRAIT 1 \"\" \"portrait 1.2\"\n"),
                    HasSubstr("portrait \\- Looks up pictures\n"),
                    HasSubstr("\\fBPORTRAIT_SERVER\\fP")));
  EXPECT_EQ(pages[1].first, "portrait-get.1");
  EXPECT_THAT(pages[1].second, HasSubstr("\\fBportrait get\\fP [\\fIFLAGS\\fP] "
                                         "\\fICONTACT\\fP...\n"));
  EXPECT_EQ(pages[2].first, "portrait-session.1");
  EXPECT_THAT(pages[2].second,
              AllOf(HasSubstr(".SS pair\n"),
                    HasSubstr("\\fB\\-\\-format\\fP \\fItable|jsonl\\fP")));
}

TEST(ManPageTest, TextIsNeverInterpretedAsARoffCommand) {
  const std::string page = ManPages(Small(), "1.2")[1].second;
  EXPECT_THAT(page, HasSubstr("\n\\&.starts with a dot \\-x\n"));
  EXPECT_THAT(page, Not(HasSubstr("\n.starts")));
}

}  // namespace
}  // namespace portrait::cli
