// Tests the whole program: how it finds its server, and its messages about the
// command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <utility>
#include <vector>

#include "client/cli/connection_flags.h"
#include "client/cli/testing/portrait_test_fixture.h"

namespace portrait::cli {
namespace {

using ::portrait::client::Script;
using ::portrait::client::ScriptedServer;
using ::testing::HasSubstr;
using ::testing::StartsWith;

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

TEST(ConnectionFlagsTest, OnlyLoopbackAddressesBelongToThisMachine) {
  for (const std::string here : {"127.0.0.1:7700", "127.9.9.9", "[::1]:1",
                                 "localhost:7700", "unix:/run/socket"}) {
    EXPECT_TRUE(IsThisMachine(here)) << here;
  }
  for (const std::string other :
       {"192.0.2.1:7700", "[2001:db8::1]:7700", "localhost.invalid:7700",
        "127.invalid", "[::ffff:192.0.2.1]:1"}) {
    EXPECT_FALSE(IsThisMachine(other)) << other;
  }
}

TEST(ConnectionFlagsTest, NoTokenGoesUnencryptedToAnotherMachine) {
  ConnectionFlags flags;
  flags.server = "192.0.2.1:7700";
  flags.token = "sesame";
  EXPECT_EQ(ResolveConnection(flags).status().code(),
            absl::StatusCode::kFailedPrecondition);
  flags.tls = true;
  EXPECT_TRUE(ResolveConnection(flags).ok());
  flags.tls = false;
  flags.plaintext_token = true;
  EXPECT_TRUE(ResolveConnection(flags).ok());
  flags.plaintext_token = false;
  flags.server = "127.0.0.1:7700";
  EXPECT_TRUE(ResolveConnection(flags).ok());
}

TEST_F(PortraitTest, ShowsThePairingCodeWithInstructions) {
  Script script;
  script.pair = [](const v1::PairSessionRequest& request, grpc::ServerContext*,
                   grpc::ServerWriter<v1::PairSessionResponse>* writer) {
    EXPECT_EQ(request.phone_number(), "+4915112345678");
    v1::PairSessionResponse event;
    event.mutable_pairing_code()->set_code("ABCD-EFGH");
    event.mutable_pairing_code()->mutable_expire_time()->set_seconds(1);
    writer->Write(event);
    event.mutable_failed()->set_message("the code was not entered");
    writer->Write(event);
    return grpc::Status::OK;
  };
  const ScriptedServer server(script);
  const std::vector<std::string> pair = {"session", "pair", "main", "--phone",
                                         "+4915112345678"};
  Ended ended = RunWith(server, pair);
  EXPECT_EQ(ended.exit_code, 4);
  EXPECT_THAT(ended.out, HasSubstr("│    A B C D - E F G H    │"));
  EXPECT_THAT(ended.out, HasSubstr("the phone with +4915112345678:\n"));
  EXPECT_THAT(ended.out, HasSubstr("Link with phone number instead\n"));
  EXPECT_THAT(ended.out, HasSubstr("1970-01-01T00:00:01Z"));
  EXPECT_THAT(ended.err, HasSubstr("the code was not entered"));

  std::vector<std::string> for_scripts = pair;
  for_scripts.insert(for_scripts.end(), {"--format", "jsonl"});
  ended = RunWith(server, for_scripts);
  EXPECT_THAT(ended.out, StartsWith("{\"event\":\"pairing_code\",\"code\":"
                                    "\"ABCD-EFGH\",\"expires\":"));
  EXPECT_THAT(Run({"session", "pair", "--help"}).out, HasSubstr("--phone"));
}

TEST_F(PortraitTest, ReportsErrorsInTheCommandLine) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{}, "subcommand"},
      {{"enirch", "x"}, "unknown command \"enirch\""},
      {{"enrich"}, "FILE"},
      {{"enrich", Path("none.csv")}, "none.csv"},
      {{"enrich", folder_.path()}, "folder"},
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
