#include "client/portrait_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "client/backoff.h"
#include "client/testing/scripted_server.h"
#include "client/utf8.h"
#include "tests/support/temporary_folder.h"

namespace portrait::client {
namespace {

using ::testing::HasSubstr;

TEST(PortraitClientTest, TakesServersWithAndWithoutAPort) {
  const std::pair<const char*, const char*> cases[] = {
      {"example.com", "example.com:7700"},
      {"example.com:1", "example.com:1"},
      {"10.0.0.1:7701", "10.0.0.1:7701"},
      {"[::1]:7701", "[::1]:7701"},
      {"[::1]", "[::1]:7700"},
      {"unix:/run/portrait.sock", "unix:/run/portrait.sock"},
  };
  for (const auto& [written, meant] : cases) {
    const auto client = PortraitClient::Make({.server = written});
    ASSERT_TRUE(client.ok()) << client.status();
    EXPECT_EQ((*client)->server(), meant);
  }
}

TEST(PortraitClientTest, RefusesAnInvalidServerAddress) {
  for (const char* written : {"", ":7700", "host:", "host:0", "host:65536",
                              "host:port", "https://host:7700", "host:77 00"}) {
    EXPECT_EQ(PortraitClient::Make({.server = written}).status().code(),
              absl::StatusCode::kInvalidArgument)
        << written;
  }
}

TEST(PortraitClientTest, RefusesATokenThatCannotBeAHeader) {
  for (const char* token : {"two words", "new\nline", "\xC3\xA9"}) {
    EXPECT_EQ(PortraitClient::Make({.token = token}).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(PortraitClientTest, NamesTheCertificateFileItCannotRead) {
  const auto client = PortraitClient::Make({.ca_file = "/nowhere/ca.pem"});
  EXPECT_EQ(client.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(client.status().message()),
              HasSubstr("/nowhere/ca.pem"));
}

TEST(PortraitClientTest, ReadsATokenFromItsFile) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/token";
  std::ofstream(path) << "  s3cret\n";
  EXPECT_EQ(*ReadTokenFile(path), "s3cret");
  std::ofstream(path) << "\n";
  EXPECT_FALSE(ReadTokenFile(path).ok());
  std::ofstream(path) << "one two\n";
  EXPECT_FALSE(ReadTokenFile(path).ok());
  EXPECT_EQ(ReadTokenFile("/nowhere/token").status().code(),
            absl::StatusCode::kNotFound);
}

TEST(PortraitClientTest, SendsTheTokenWithEachCall) {
  Script script;
  script.token = "sesame";
  ScriptedServer server(script);
  for (const auto& [token, code] :
       {std::pair("sesame", grpc::StatusCode::OK),
        std::pair("guess", grpc::StatusCode::UNAUTHENTICATED)}) {
    auto client =
        PortraitClient::Make({.server = server.address(), .token = token});
    ASSERT_TRUE(client.ok());
    const auto context = (*client)->NewContext(absl::Seconds(30));
    v1::ListSessionsResponse response;
    EXPECT_EQ((*client)
                  ->sessions()
                  .ListSessions(context.get(), {}, &response)
                  .error_code(),
              code);
  }
}

TEST(BackoffTest, DoublesUpToItsLimitWithJitterAndRestarts) {
  Backoff backoff(absl::Milliseconds(100), absl::Milliseconds(400));
  for (const int step : {100, 200, 400, 400}) {
    const absl::Duration wait = backoff.Next();
    EXPECT_GE(wait, absl::Milliseconds(step) / 2);
    EXPECT_LE(wait, absl::Milliseconds(step));
  }
  backoff.Reset();
  EXPECT_LE(backoff.Next(), absl::Milliseconds(100));
}

TEST(Utf8Test, DistinguishesTextFromBytes) {
  for (const char* text : {"", "a", "é", "日本", "😀", "\u07FF\uFFFD"}) {
    EXPECT_TRUE(IsValidUtf8(text)) << text;
  }
  for (const char* bytes :
       {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "a\xFF"}) {
    EXPECT_FALSE(IsValidUtf8(bytes));
  }
}

}  // namespace
}  // namespace portrait::client
