// Tests portrait enrich with a scripted server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "client/cli/testing/portrait_test_fixture.h"

namespace portrait::cli {
namespace {

using ::portrait::client::AnswerAll;
using ::portrait::client::AnswerFor;
using ::portrait::client::EnrichStream;
using ::portrait::client::Script;
using ::portrait::client::ScriptedServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(PortraitTest, EnrichesACsvAndKeepsItsColumns) {
  ScriptedServer server({});
  const std::string list = Write(
      "list.csv",
      "\xEF\xBB\xBF"
      "name,Telefon,note\r\nAnn,+4915100100000,\"a, b\"\r\n"
      "Bob,+4915100100007,\r\nCid,+4915100100008,\r\nDee,+4915100100009,\r\n"
      "Eve,nonsense,\r\nFay,,\r\n");
  const Ended ended = RunWith(server, {"enrich", list, "-o", Path("out.csv")});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out, IsEmpty());
  const auto lines = Lines(ReadAll(Path("out.csv")));
  ASSERT_EQ(lines.size(), 7u);
  EXPECT_THAT(lines[0], StartsWith("\xEF\xBB\xBF"
                                   "name,Telefon,note,portrait_jid,"));
  EXPECT_THAT(lines[1],
              AllOf(StartsWith("Ann,+4915100100000,\"a, b\",+4915100100000@"),
                    HasSubstr(",yes,available,id-+4915100100000,\"https://")));
  EXPECT_THAT(lines[2], HasSubstr(",yes,not_set,"));
  EXPECT_THAT(lines[3], HasSubstr(",yes,hidden,"));
  EXPECT_THAT(lines[4], HasSubstr(",no,not_registered,"));
  EXPECT_THAT(lines[5], HasSubstr(",INVALID_CONTACT,"));
  EXPECT_THAT(lines[6], StartsWith("Fay,,,"));
  EXPECT_THAT(ended.err,
              AllOf(HasSubstr("6 rows in"), HasSubstr("2 INVALID_CONTACT"),
                    Not(HasSubstr("\r"))));
}

TEST_F(PortraitTest, WritesTheRequestedColumns) {
  ScriptedServer server({});
  const std::string list =
      Write("list.csv", "name;phone\nAnn;+4915100100000\nDee;+4915100100009\n");
  Ended ended = RunWith(server, {"enrich", list, "--columns",
                                 "state=State,url=photo,picture_id"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(
      ended.out,
      "name;phone;State;photo;portrait_picture_id\n"
      "Ann;+4915100100000;available;https://cdn.test/+4915100100000?a=1,2;"
      "id-+4915100100000\n"
      "Dee;+4915100100009;not_registered;;\n");
  ended = RunWith(server, {"enrich", list, "--columns", "state=s,phone",
                           "--format", "jsonl"});
  EXPECT_THAT(ended.out, HasSubstr("\"portrait\":{\"s\":\"available\""));
  ended = RunWith(
      server, {"enrich", list, "--columns", "state,url", "--format", "table"});
  EXPECT_THAT(ended.out, StartsWith("CONTACT               STATE"));
  ended = RunWith(server, {"enrich", list, "--columns", "url=name"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, HasSubstr("the list already has a column \"name\""));
}

TEST_F(PortraitTest, HasPreviewUrlsOnlyIfRequested) {
  ScriptedServer server({});
  const std::string list = Write("list.csv", "phone\n+4915100100000\n");
  const auto header = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"enrich", list});
    return Lines(RunWith(server, flags).out)[0];
  };
  EXPECT_THAT(header({}), AllOf(HasSubstr("portrait_url"),
                                Not(HasSubstr("portrait_preview_url"))));
  EXPECT_THAT(header({"--size", "both"}), HasSubstr("portrait_preview_url"));
  EXPECT_THAT(header({"--size", "preview"}), HasSubstr("portrait_preview_url"));
  EXPECT_THAT(header({"--columns", "preview_url"}),
              HasSubstr("portrait_preview_url"));
}

TEST_F(PortraitTest, TakesStandardInputAndGivesStandardOutput) {
  ScriptedServer server({});
  const std::string plain = Write("plain", "+4915100100000\n+4915100100009\n");
  Ended ended = RunWith(server, {"enrich", "-"}, plain);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(Lines(ended.out)[0], StartsWith("contact,portrait_jid,"));
  EXPECT_EQ(Lines(ended.out).size(), 3u);

  const std::string json =
      Write("json", "{\"id\":1.0,\"phone\":\"+4915100100000\"}\n");
  ended = RunWith(server, {"enrich", "-"}, json);
  EXPECT_THAT(ended.out, StartsWith("{\"id\":1.0,\"phone\":\"+4915100100000\","
                                    "\"portrait\":{\"jid\":"));
  ended = RunWith(server, {"enrich", "-", "--format", "table"}, json);
  EXPECT_THAT(ended.out,
              AllOf(StartsWith("CONTACT "), HasSubstr("\n+4915100100000  ")));
}

TEST_F(PortraitTest, ReadsNationalNumbersWithTheirCountry) {
  ScriptedServer server({});
  const std::string list =
      Write("list.csv", "country,phone\nKE,0712 989700\n,0151 10000000\n");
  const Ended ended =
      RunWith(server, {"enrich", list, "--default-country", "DE"});
  EXPECT_THAT(ended.out, AllOf(HasSubstr("KE,0712 989700,+254712989700@"),
                               HasSubstr(",0151 10000000,+4915110000000@")));
}

TEST_F(PortraitTest, ResumesAnOutputThatWasCutAnywhere) {
  std::vector<std::string> asked;
  Script script;
  script.enrich = [&](int, grpc::ServerContext*, EnrichStream* stream) {
    v1::EnrichProfilePicturesRequest request;
    while (stream->Read(&request)) {
      v1::EnrichProfilePicturesResponse response;
      for (const auto& item : request.items()) {
        asked.push_back(item.contact());
        *response.add_results() = AnswerFor(item);
      }
      stream->Write(response);
    }
    return grpc::Status::OK;
  };
  ScriptedServer server(script);
  const std::string list = WriteList(30);
  const std::string out = Path("out.csv");
  const std::vector<std::string> command = {"enrich", list, "-o", out,
                                            "--resume"};
  ASSERT_EQ(RunWith(server, command).exit_code, 0);
  const std::string whole = ReadAll(out);
  ASSERT_EQ(asked.size(), 30u);
  for (const size_t cut : {size_t{0}, size_t{10}, whole.size() / 3,
                           whole.size() / 2, whole.size() - 1, whole.size()}) {
    ASSERT_EQ(truncate(out.c_str(), static_cast<off_t>(cut)), 0);
    const auto breaks = std::count(
        whole.begin(), whole.begin() + static_cast<off_t>(cut), '\n');
    const size_t kept_rows = breaks == 0 ? 0 : static_cast<size_t>(breaks) - 1;
    asked.clear();
    const Ended ended = RunWith(server, command);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_EQ(ReadAll(out), whole);
    EXPECT_EQ(asked.size(), 30 - kept_rows);
  }
}

TEST_F(PortraitTest, RefusesToResumeSomethingElse) {
  ScriptedServer server({});
  const std::string list = WriteList(3);
  const std::string out = Write("out.csv", "my,own\nfile,!\n");
  const Ended ended = RunWith(server, {"enrich", list, "-o", out, "--resume"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, HasSubstr("cannot resume"));
  EXPECT_EQ(ReadAll(out), "my,own\nfile,!\n");
  EXPECT_EQ(Run({"enrich", list, "--resume"}).exit_code, 1);
  EXPECT_EQ(Run({"enrich", list, "-o", list}).exit_code, 1);
}

TEST_F(PortraitTest, FinishesByItselfWhenTheServerIsKilledAndComesBack) {
  Script script;
  script.enrich = [](int, grpc::ServerContext*, EnrichStream* stream) {
    v1::EnrichProfilePicturesRequest request;
    while (stream->Read(&request)) {
      absl::SleepFor(absl::Milliseconds(2));  // simulates some work
      v1::EnrichProfilePicturesResponse response;
      for (const auto& item : request.items()) {
        *response.add_results() = AnswerFor(item);
      }
      stream->Write(response);
    }
    return grpc::Status::OK;
  };
  ScriptedServer server(script);
  constexpr int kRows = 50'000;
  const std::string list = WriteList(kRows);
  const pid_t pid = Start(
      {"enrich", list, "-o", Path("out.csv"), "--server", server.address()});
  for (int kill = 0; kill < 3; ++kill) {
    absl::SleepFor(absl::Milliseconds(150));
    server.Kill();
    server.Restart();
  }
  const Ended ended = Wait(pid);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  const auto lines = Lines(ReadAll(Path("out.csv")));
  ASSERT_EQ(lines.size(), static_cast<size_t>(kRows) + 1);
  for (int i = 0; i < kRows; ++i) {
    EXPECT_THAT(
        lines[static_cast<size_t>(i) + 1],
        StartsWith(absl::StrCat("n", i, ",+491511", 1'010'000 + i, ",")));
  }
}

TEST_F(PortraitTest, StopsCleanlyWhenInterruptedAndGoesOnLater) {
  absl::Notification some_answered;
  Script script;
  script.enrich = [&](int call, grpc::ServerContext* context,
                      EnrichStream* stream) {
    if (call > 0) return AnswerAll(stream);
    // The first message has the rows that were read by then.
    v1::EnrichProfilePicturesRequest request;
    v1::EnrichProfilePicturesResponse response;
    while (response.results_size() < 100 && stream->Read(&request)) {
      for (const v1::EnrichItem& item : request.items()) {
        if (response.results_size() == 100) break;
        *response.add_results() = AnswerFor(item);
      }
    }
    stream->Write(response);
    some_answered.Notify();
    while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(1));
    return grpc::Status::CANCELLED;
  };
  ScriptedServer server(script);
  const std::string list = WriteList(1000);
  const std::string out = Path("out.csv");
  const std::vector<std::string> command = {
      "enrich", list, "-o", out, "--resume", "--server", server.address()};
  const pid_t pid = Start(command);
  some_answered.WaitForNotification();
  while (Lines(ReadAll(out)).size() < 101) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  kill(pid, SIGINT);
  const Ended ended = Wait(pid);
  EXPECT_EQ(ended.exit_code, 130);
  EXPECT_THAT(ended.err,
              AllOf(HasSubstr("interrupted; 100 rows"), HasSubstr("--resume")));
  EXPECT_EQ(Run(command).exit_code, 0);
  EXPECT_EQ(Lines(ReadAll(out)).size(), 1001u);
}

TEST_F(PortraitTest, ReportsAFullDiskAndLeavesWholeRecords) {
  ScriptedServer server({});
  const std::string list = WriteList(5000);
  const std::string out = Path("out.csv");
  const Ended ended =
      Wait(Start({"enrich", list, "-o", out, "--server", server.address()},
                 "/dev/null", /*most_file_bytes=*/200'000));
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("cannot write " + out),
                               HasSubstr("the rows in the output are kept")));
  const std::string written = ReadAll(out);
  EXPECT_FALSE(written.empty());
  EXPECT_EQ(written.back(), '\n');
  EXPECT_EQ(RunWith(server, {"enrich", list, "-o", out, "--resume"}).exit_code,
            0);
  EXPECT_EQ(Lines(ReadAll(out)).size(), 5001u);
}

TEST_F(PortraitTest, MakesNoLookupIfTheOutputCannotBeWritten) {
  ScriptedServer server({});
  const std::string list = WriteList(3);
  for (const std::string& out : {Path("none") + "/out.csv", folder_.path()}) {
    const Ended ended = RunWith(server, {"enrich", list, "-o", out});
    EXPECT_EQ(ended.exit_code, 1);
    EXPECT_THAT(ended.err, StartsWith("portrait: cannot write " + out));
  }
  EXPECT_EQ(server.enrich_calls(), 0);
}

TEST_F(PortraitTest, DoesNotReportRowsThatWereNotWritten) {
  ScriptedServer server({});
  const Ended ended =
      RunWith(server, {"enrich", WriteList(3), "-o", "/dev/full"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err,
              AllOf(HasSubstr("cannot write /dev/full: No space"),
                    Not(HasSubstr("written to")), Not(HasSubstr("--resume"))));
}

TEST_F(PortraitTest, SaysThatAListIsEmpty) {
  ScriptedServer server({});
  for (const char* text : {"", "\n\n", "name,phone\n"}) {
    const std::string list = Write("list.csv", text);
    const Ended ended = RunWith(server, {"enrich", list});
    EXPECT_EQ(ended.exit_code, 0);
    EXPECT_EQ(Lines(ended.out).size(), 1u);
    EXPECT_THAT(ended.err, HasSubstr(list + " contains no contacts\n"));
  }
}

TEST_F(PortraitTest, ShowsSamplesWhenAsked) {
  ScriptedServer server({});
  const std::string list = WriteList(30);
  Ended ended = RunWith(server, {"enrich", list, "--samples", "1"});
  EXPECT_THAT(ended.err, AllOf(HasSubstr("\nCONTACT "), HasSubstr(" hidden"),
                               HasSubstr("30 rows in")));
  EXPECT_EQ(Lines(ended.out).size(), 31u);
  ended = RunWith(server, {"enrich", list});
  EXPECT_THAT(ended.err, HasSubstr("\n30 rows in"));
}

TEST_F(PortraitTest, LeavesAnEarlierOutputUnchangedIfItCannotBegin) {
  Script script;
  script.token = "sesame";
  ScriptedServer server(script);
  const std::string list = WriteList(3);
  const std::string out = Write("out.csv", "results of yesterday\n");
  Ended ended = RunWith(server, {"enrich", list, "-o", out});
  EXPECT_EQ(ended.exit_code, 4);
  EXPECT_THAT(ended.err, HasSubstr("token"));
  EXPECT_EQ(ReadAll(out), "results of yesterday\n");
  ended = Run({"enrich", list, "-o", out, "--server", "127.0.0.1:1",
               "--retry-for", "300ms"});
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_THAT(ended.err, HasSubstr("cannot reach"));
  EXPECT_EQ(ReadAll(out), "results of yesterday\n");
}

TEST_F(PortraitTest, ExitCodeReportsFailedLookups) {
  Script script;
  script.enrich = [](int, grpc::ServerContext*, EnrichStream* stream) {
    v1::EnrichProfilePicturesRequest request;
    while (stream->Read(&request)) {
      v1::EnrichProfilePicturesResponse response;
      for (const auto& item : request.items()) {
        v1::EnrichResult& result = *response.add_results();
        result.set_tag(item.tag());
        result.mutable_error()->set_reason(v1::ERROR_REASON_UPSTREAM_TIMEOUT);
        result.mutable_error()->mutable_retry_after()->set_seconds(30);
      }
      stream->Write(response);
    }
    return grpc::Status::OK;
  };
  ScriptedServer server(script);
  const Ended ended = RunWith(server, {"enrich", WriteList(3)});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.out, HasSubstr(",UPSTREAM_TIMEOUT,,30\n"));
}

}  // namespace
}  // namespace portrait::cli
