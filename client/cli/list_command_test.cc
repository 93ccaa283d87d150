// Tests the messages and safeguards of `portrait enrich` and `portrait check`,
// which are run as programs.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/columns.h"
#include "client/cli/testing/portrait_test_fixture.h"

namespace portrait::cli {
namespace {

using ::portrait::client::ScriptedServer;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// No server listens at this address, so commands that need one fail.
const std::vector<std::string> kNoServer = {"--server", "127.0.0.1:1"};

std::vector<std::string> WithoutServer(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), kNoServer.begin(), kNoServer.end());
  return arguments;
}

TEST_F(PortraitTest, ChecksAListWithoutAServer) {
  const std::string list = Write("list.csv",
                                 "Customer,Phone,Country\n"
                                 "10002345,0151 12345678,Germany\n"
                                 "10002346,+49 151 12345678,\n"
                                 "10002347,184069530861739,\n"
                                 "10002348,+49 151 XXXX5678,\n");
  const Ended ended = Run(WithoutServer({"check", list, "--format", "csv"}));
  EXPECT_EQ(ended.exit_code, 2) << ended.err;
  const auto lines = Lines(ended.out);
  ASSERT_EQ(lines.size(), 5u) << ended.out;
  EXPECT_EQ(lines[1], "2,0151 12345678,DE,+4915112345678,,");
  EXPECT_EQ(lines[2],
            "3,+49 151 12345678,,+4915112345678,,duplicate of line 2");
  EXPECT_THAT(lines[3], HasSubstr(",,bare_lid,"));
  EXPECT_THAT(lines[3], HasSubstr("@lid"));
  EXPECT_THAT(lines[4], HasSubstr(",,masked,"));
  EXPECT_THAT(ended.err, HasSubstr("phone column \"Phone\""));
  EXPECT_THAT(ended.err, HasSubstr("country: column \"Country\""));
  EXPECT_THAT(ended.err, HasSubstr("4 rows: 2 to look up, 1 of them"));
}

TEST_F(PortraitTest, ADryRunShowsTenRowsWithoutALookup) {
  const Ended ended =
      Run(WithoutServer({"enrich", WriteList(30), "--dry-run"}));
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(Lines(ended.out).size(), 11u);
  EXPECT_THAT(ended.err, HasSubstr("phone column \"phone\" (by its name)"));
}

TEST_F(PortraitTest, SplitsACellOnlyIfRequested) {
  ScriptedServer server({});
  const std::string list =
      Write("list.csv", "n,phone\nAnn,+4915100100000 ::: +4915100100007\n");
  const Ended refused = RunWith(server, {"enrich", list});
  ASSERT_EQ(Lines(refused.out).size(), 2u);
  EXPECT_THAT(Lines(refused.out)[1], HasSubstr("--split-cells"));
  const Ended split = RunWith(server, {"enrich", list, "--split-cells"});
  const auto lines = Lines(split.out);
  ASSERT_EQ(lines.size(), 3u) << split.out;
  const std::string cells = "Ann,+4915100100000 ::: +4915100100007,";
  EXPECT_THAT(lines[1], StartsWith(cells + "+4915100100000@"));
  EXPECT_THAT(lines[2], StartsWith(cells + "+4915100100007@"));
}

TEST_F(PortraitTest, KeepsTheQuotesOfAList) {
  ScriptedServer server({});
  const std::string list = Write(
      "list.csv", "\"n\",\"phone\"\n\"Ann\",\"+4915100100000\"\nBob,\"\"\n");
  const Ended ended = RunWith(server, {"enrich", list});
  const auto lines = Lines(ended.out);
  ASSERT_EQ(lines.size(), 3u) << ended.out;
  EXPECT_THAT(lines[0], StartsWith("\"n\",\"phone\",\"portrait_jid\","));
  EXPECT_THAT(lines[1], StartsWith("\"Ann\",\"+4915100100000\",\""));
  EXPECT_THAT(lines[2], StartsWith("Bob,\"\",\""));
}

TEST_F(PortraitTest, KeepsTheByteOrderMarkAndTheLineEndsOfAList) {
  ScriptedServer server({});
  const std::string mark = "\xEF\xBB\xBF";
  for (const std::string& before : {mark, std::string()}) {
    for (const std::string& end : {std::string("\r\n"), std::string("\n")}) {
      const std::string list =
          Write("list.csv", absl::StrCat(before, "n;phone", end, "M\u00FCller;",
                                         "+4915100100000", end));
      const std::string out = RunWith(server, {"enrich", list}).out;
      EXPECT_THAT(out, StartsWith(before + "n;phone;portrait_jid;"));
      EXPECT_THAT(out, HasSubstr(absl::StrCat(end, "M\u00FCller;+49")));
      EXPECT_THAT(out, EndsWith(end));
      EXPECT_EQ(absl::StrContains(out, '\r'), end == "\r\n");
    }
  }
}

TEST_F(PortraitTest, RefusesAnOutputThatIsTheListItself) {
  ScriptedServer server({});
  const std::string list = WriteList(3);
  const std::string before = ReadAll(list);
  ASSERT_EQ(link(list.c_str(), Path("other").c_str()), 0);
  for (const std::string& output : {list, Path("other")}) {
    for (const std::string& input : {list, std::string("-")}) {
      const Ended ended =
          RunWith(server, {"enrich", input, "-o", output}, list);
      EXPECT_EQ(ended.exit_code, 1) << input << " " << output;
      EXPECT_THAT(ended.err, HasSubstr("is the same file as the list"));
      EXPECT_EQ(ReadAll(list), before);
    }
  }
}

// Runs the program through a shell, to control the descriptors that it
// inherits.
class ClosedFilesTest : public PortraitTest {
 protected:
  Ended Shell(const std::string& redirection) {
    const std::string command =
        absl::StrCat("timeout 10 '", PORTRAIT_BINARY, "' check - ", redirection,
                     " 2>'", Path("err"), "'");
    const int status = std::system(command.c_str());
    return {WEXITSTATUS(status), "", ReadAll(Path("err"))};
  }
};

TEST_F(ClosedFilesTest, SaysThatAStandardFileIsClosed) {
  Ended ended = Shell("<&-");
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, HasSubstr("standard input is closed"));
  ended = Shell("</dev/null >&-");
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, HasSubstr("standard output is closed"));
  EXPECT_THAT(Shell("</dev/null >/dev/null").err, Not(HasSubstr("is closed")));
}

TEST(GuardFormulaTest, OnlyOtherPeoplesTextGetsAnApostrophe) {
  for (const char* text : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"}) {
    EXPECT_EQ(GuardFormula("name", text), std::string("'") + text);
    EXPECT_EQ(GuardFormula("error_message", text), std::string("'") + text);
    EXPECT_EQ(GuardFormula("phone", text), text);
  }
  EXPECT_EQ(GuardFormula("name", "Ann=1"), "Ann=1");
  EXPECT_THAT(GuardFormula("name", ""), IsEmpty());
}

}  // namespace
}  // namespace portrait::cli
