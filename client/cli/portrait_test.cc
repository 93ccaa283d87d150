// The program itself, run as a user runs it, against a scripted server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "client/testing/scripted_server.h"

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

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> Lines(const std::string& text) {
  return absl::StrSplit(text, '\n', absl::SkipEmpty());
}

struct Ended {
  int exit_code = -1;
  std::string out;
  std::string err;
};

class PortraitTest : public ::testing::Test {
 protected:
  PortraitTest() {
    std::string pattern = ::testing::TempDir() + "/portrait_XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~PortraitTest() override {
    const std::string command = "rm -rf '" + folder_ + "'";
    EXPECT_EQ(std::system(command.c_str()), 0);
  }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  std::string Write(const std::string& name, const std::string& content) {
    std::ofstream(Path(name), std::ios::binary) << content;
    return Path(name);
  }

  // Numbers +10000 … and a name each.
  std::string WriteList(int rows) {
    std::string text = "name,phone\n";
    for (int i = 0; i < rows; ++i) {
      absl::StrAppend(&text, "n", i, ",+491511", 10'000 + i, "\n");
    }
    return Write("list.csv", text);
  }

  // Starts the program; standard input is the file `input`.
  pid_t Start(std::vector<std::string> arguments,
              const std::string& input = "/dev/null",
              rlim_t most_file_bytes = RLIM_INFINITY) {
    arguments.insert(arguments.begin(), PORTRAIT_BINARY);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const std::string home = "HOME=" + folder_;
    const char* environment[] = {home.c_str(), nullptr};
    const std::string out = Path("stdout");
    const std::string err = Path("stderr");
    const pid_t pid = fork();
    if (pid != 0) return pid;
    const rlimit limit = {most_file_bytes, most_file_bytes};
    if (most_file_bytes != RLIM_INFINITY) {
      signal(SIGXFSZ, SIG_IGN);
      setrlimit(RLIMIT_FSIZE, &limit);
    }
    if (freopen(input.c_str(), "r", stdin) == nullptr ||
        freopen(out.c_str(), "w", stdout) == nullptr ||
        freopen(err.c_str(), "w", stderr) == nullptr) {
      _exit(99);
    }
    execve(PORTRAIT_BINARY, argv.data(), const_cast<char* const*>(environment));
    _exit(98);
  }

  Ended Wait(pid_t pid) {
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status),
            ReadAll(Path("stdout")), ReadAll(Path("stderr"))};
  }

  Ended Run(std::vector<std::string> arguments,
            const std::string& input = "/dev/null") {
    return Wait(Start(std::move(arguments), input));
  }

  // The same with --server.
  Ended RunWith(const ScriptedServer& server,
                std::vector<std::string> arguments,
                const std::string& input = "/dev/null") {
    arguments.insert(arguments.end(), {"--server", server.address()});
    return Run(std::move(arguments), input);
  }

  std::string folder_;
};

TEST_F(PortraitTest, EnrichesACsvAndKeepsItsColumns) {
  ScriptedServer server({});
  const std::string list =
      Write("list.csv",
            "\xEF\xBB\xBF"
            "name,Telefon,note\r\nAnn,+49151100000,\"a, b\"\r\n"
            "Bob,+49151100007,\r\nCid,+49151100008,\r\nDee,+49151100009,\r\n"
            "Eve,nonsense,\r\nFay,,\r\n");
  const Ended ended = RunWith(server, {"enrich", list, "-o", Path("out.csv")});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out, IsEmpty());
  const auto lines = Lines(ReadAll(Path("out.csv")));
  ASSERT_EQ(lines.size(), 7u);
  EXPECT_THAT(lines[0], StartsWith("name,Telefon,note,portrait_jid,"));
  EXPECT_THAT(lines[1],
              AllOf(StartsWith("Ann,+49151100000,\"a, b\",+49151100000@"),
                    HasSubstr(",yes,available,id-+49151100000,\"https://")));
  EXPECT_THAT(lines[2], HasSubstr(",yes,not_set,"));
  EXPECT_THAT(lines[3], HasSubstr(",yes,hidden,"));
  EXPECT_THAT(lines[4], HasSubstr(",no,not_registered,"));
  EXPECT_THAT(lines[5], HasSubstr(",INVALID_CONTACT,"));
  EXPECT_THAT(lines[6], StartsWith("Fay,,,"));
  EXPECT_THAT(ended.err,
              AllOf(HasSubstr("6 rows in"), HasSubstr("2 INVALID_CONTACT"),
                    Not(HasSubstr("\r"))));
}

TEST_F(PortraitTest, TakesStandardInputAndGivesStandardOutput) {
  ScriptedServer server({});
  const std::string plain = Write("plain", "+49151100000\n+49151100009\n");
  Ended ended = RunWith(server, {"enrich", "-"}, plain);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(Lines(ended.out)[0], StartsWith("contact,portrait_jid,"));
  EXPECT_EQ(Lines(ended.out).size(), 3u);

  const std::string json =
      Write("json", "{\"id\":1.0,\"phone\":\"+49151100000\"}\n");
  ended = RunWith(server, {"enrich", "-"}, json);
  EXPECT_THAT(ended.out, StartsWith("{\"id\":1.0,\"phone\":\"+49151100000\","
                                    "\"portrait\":{\"jid\":"));
  ended = RunWith(server, {"enrich", "-", "--format", "table"}, json);
  EXPECT_THAT(ended.out,
              AllOf(StartsWith("CONTACT "), HasSubstr("+49151100000  ")));
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
      absl::SleepFor(absl::Milliseconds(2));  // some work
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
    EXPECT_THAT(lines[static_cast<size_t>(i) + 1],
                StartsWith(absl::StrCat("n", i, ",+491511", 10'000 + i, ",")));
  }
}

TEST_F(PortraitTest, StopsCleanlyWhenInterruptedAndGoesOnLater) {
  absl::Notification some_answered;
  Script script;
  script.enrich = [&](int call, grpc::ServerContext* context,
                      EnrichStream* stream) {
    if (call > 0) return AnswerAll(stream);
    v1::EnrichProfilePicturesRequest request;
    stream->Read(&request);
    v1::EnrichProfilePicturesResponse response;
    for (int i = 0; i < 100; ++i) {
      *response.add_results() = AnswerFor(request.items(i));
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
  EXPECT_THAT(ended.err, HasSubstr("cannot write " + out));
  const std::string written = ReadAll(out);
  EXPECT_FALSE(written.empty());
  EXPECT_EQ(written.back(), '\n');
  EXPECT_EQ(RunWith(server, {"enrich", list, "-o", out, "--resume"}).exit_code,
            0);
  EXPECT_EQ(Lines(ReadAll(out)).size(), 5001u);
}

TEST_F(PortraitTest, LeavesAnEarlierOutputAloneWhenItCannotBegin) {
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

TEST_F(PortraitTest, TellsByExitCodeWhenContactsCouldNotBeLookedUp) {
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

TEST_F(PortraitTest, FindsTheServerAndTheTokenInItsDataFolder) {
  Script script;
  script.token = "sesame";
  v1::Session session;
  session.set_session("main");
  session.set_state(v1::SESSION_STATE_READY);
  script.sessions = {session};
  ScriptedServer server(script);
  mkdir(Path("data").c_str(), 0700);
  Write("data/admin.token", "sesame\n");
  Write("data/portraitd.json",
        "{\"listen\":\"" + server.address() + "\",\"pid\":1}");
  Ended ended = Run({"--data-dir", Path("data"), "session", "list"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.out,
              HasSubstr("{\"session\":\"main\",\"state\":\"ready\""));
  ended =
      Run({"session", "list", "--format", "csv", "--data-dir", Path("data")});
  EXPECT_THAT(ended.out, StartsWith("session,state,"));
  ended = Run({"session", "show", "main", "--format", "table", "--data-dir",
               Path("data")});
  EXPECT_THAT(ended.out, HasSubstr("state       ready\n"));
}

TEST_F(PortraitTest, SaysWhatIsWrongWithTheCommandLine) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{}, "subcommand"},
      {{"enirch", "x"}, "there is no command \"enirch\""},
      {{"enrich"}, "FILE"},
      {{"enrich", Path("none.csv")}, "none.csv"},
      {{"enrich", folder_}, "folder"},
      {{"enrich", "-", "--max-age", "soon"}, "--max-age soon"},
      {{"enrich", "-", "--max-age", "-1h"}, "--max-age"},
      {{"enrich", "-", "--default-country", "XX"}, "--default-country XX"},
      {{"enrich", "-", "--size", "huge"}, "--size"},
      {{"get", "1", "--server", "http://x"}, "HOST:PORT"},
      {{"get", "1", "--token-file", Path("none")}, "none"},
      {{"get", "1", "--ca", Path("none.pem")}, "none.pem"},
  };
  for (const auto& [arguments, message] : cases) {
    const Ended ended = Run(arguments);
    EXPECT_EQ(ended.exit_code, 1) << message;
    EXPECT_THAT(ended.err, HasSubstr(message));
  }
  EXPECT_EQ(Run({"--help"}).exit_code, 0);
  EXPECT_THAT(Run({"enrich", "--help"}).out, HasSubstr("portrait_retry_after"));
}

}  // namespace
}  // namespace portrait::cli
