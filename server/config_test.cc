#include "server/config.h"

#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Sets an environment variable for the duration of a test.
class EnvironmentVariable {
 public:
  EnvironmentVariable(std::string name, const std::string& value)
      : name_(std::move(name)) {
    setenv(name_.c_str(), value.c_str(), /*overwrite=*/1);
  }
  ~EnvironmentVariable() { unsetenv(name_.c_str()); }

 private:
  const std::string name_;
};

absl::StatusOr<CommandLine> Parse(std::vector<std::string> arguments) {
  std::vector<const char*> argv = {"portraitd"};
  for (const std::string& argument : arguments) {
    argv.push_back(argument.c_str());
  }
  return ParseCommandLine(static_cast<int>(argv.size()), argv.data());
}

Config ParseOrDie(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"--data-dir", "d"});
  absl::StatusOr<CommandLine> parsed = Parse(std::move(arguments));
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? *parsed->config : Config();
}

std::string WriteTo(const TemporaryFolder& folder, const std::string& content) {
  const std::string path = absl::StrCat(folder.path(), "/file");
  std::ofstream(path) << content;
  return path;
}

TEST(ConfigTest, DefaultsAreThoseOfTheModules) {
  const Config config = ParseOrDie({});
  EXPECT_EQ(config.data_dir, "d");
  EXPECT_EQ(config.key_file, "d/portrait.key");
  EXPECT_EQ(config.cluster.brokers, "");
  EXPECT_EQ(config.cluster_key_file, "d/cluster.key");
  EXPECT_EQ(config.server.listen, "127.0.0.1:7700");
  EXPECT_EQ(config.metrics_listen, "");
  EXPECT_FALSE(config.server.insecure_listen);
  EXPECT_EQ(config.sessions.usync_batch, SessionOptions().usync_batch);
  EXPECT_EQ(config.sessions.usync_per_second,
            SessionOptions().usync_per_second);
  EXPECT_TRUE(config.sessions.connection.resume);
  EXPECT_EQ(config.sessions.connection.root_public_key,
            whatsapp::WhatsAppRootPublicKey());
  EXPECT_EQ(config.freshness.not_set, absl::Hours(24));
  EXPECT_EQ(config.store.sync, StoreSync::kBatch);
  EXPECT_EQ(config.store.block_cache_bytes, 256u << 20);
  EXPECT_EQ(config.server.streams.max_streams_of_tenant, kMaxTenantStreams);
  EXPECT_EQ(config.server.connection_age, absl::Hours(24));
  EXPECT_TRUE(config.enumeration_guard);
  EXPECT_EQ(config.guard.neighbours, EnumerationGuardOptions().neighbours);
  EXPECT_GE(config.threads, 1u);
  EXPECT_EQ(config.drain_timeout, absl::Seconds(30));
}

TEST(ConfigTest, ReadsEveryFlag) {
  const Config config = ParseOrDie({"--listen",
                                    "[::1]:0",
                                    "--tls-cert",
                                    "c.pem",
                                    "--tls-key",
                                    "k.pem",
                                    "--tls-client-ca",
                                    "a.pem",
                                    "--insecure-listen",
                                    "--behind-front",
                                    "--new-store",
                                    "--metrics-listen",
                                    "127.0.0.1:0",
                                    "--drain-timeout",
                                    "5s",
                                    "--whatsapp-url",
                                    "ws://127.0.0.1:1/ws",
                                    "--whatsapp-pictures-url",
                                    "http://127.0.0.1:2",
                                    "--whatsapp-ca",
                                    "w.pem",
                                    "--whatsapp-proxy",
                                    "socks5://ann:secret@proxy:1080",
                                    "--whatsapp-full-handshake",
                                    "--whatsapp-root-key",
                                    std::string(64, 'a'),
                                    "--whatsapp-version",
                                    "2.3000.7",
                                    "--usync-batch",
                                    "50",
                                    "--session-window",
                                    "3",
                                    "--connect-rate",
                                    "7",
                                    "--session-usync-rate",
                                    "0",
                                    "--session-picture-rate",
                                    "2.5",
                                    "--default-max-age",
                                    "1h30m",
                                    "--max-age-hidden",
                                    "7m",
                                    "--key-file",
                                    "k",
                                    "--store-sync",
                                    "none",
                                    "--block-cache-mib",
                                    "8",
                                    "--record-cache-mib",
                                    "0",
                                    "--threads",
                                    "3",
                                    "--log-level",
                                    "debug"});
  EXPECT_EQ(config.server.listen, "[::1]:0");
  EXPECT_EQ(config.server.tls.certificate, "c.pem");
  EXPECT_EQ(config.server.tls.key, "k.pem");
  EXPECT_EQ(config.server.tls.client_ca, "a.pem");
  EXPECT_TRUE(config.server.insecure_listen);
  EXPECT_TRUE(config.server.behind_front);
  EXPECT_TRUE(config.new_store);
  EXPECT_EQ(config.metrics_listen, "127.0.0.1:0");
  EXPECT_EQ(config.drain_timeout, absl::Seconds(5));
  EXPECT_EQ(config.sessions.connection.websocket.url, "ws://127.0.0.1:1/ws");
  EXPECT_EQ(config.sessions.picture_server, "http://127.0.0.1:2");
  EXPECT_EQ(config.sessions.connection.websocket.ca_file, "w.pem");
  EXPECT_EQ(config.sessions.connection.websocket.proxy.password, "secret");
  EXPECT_FALSE(config.sessions.connection.resume);
  EXPECT_EQ(config.sessions.connection.root_public_key,
            std::string(32, '\xaa'));
  EXPECT_EQ(config.sessions.connection.version.ToString(), "2.3000.7");
  EXPECT_EQ(config.sessions.usync_batch, 50u);
  EXPECT_EQ(config.sessions.max_queries_in_flight, 3u);
  EXPECT_EQ(config.sessions.usync_per_second, 0);
  EXPECT_EQ(config.sessions.pictures_per_second, 2.5);
  EXPECT_EQ(config.sessions.connects_per_second, 7);
  EXPECT_EQ(config.freshness.available, absl::Minutes(90));
  EXPECT_EQ(config.freshness.hidden, absl::Minutes(7));
  EXPECT_EQ(config.freshness.not_registered, absl::Minutes(90));
  EXPECT_EQ(config.key_file, "k");
  EXPECT_EQ(config.store.sync, StoreSync::kNone);
  EXPECT_EQ(config.store.block_cache_bytes, 8u << 20);
  EXPECT_EQ(config.store.record_cache_bytes, 0u);
  EXPECT_EQ(config.threads, 3u);
  EXPECT_EQ(config.log_level, "debug");
}

TEST(ConfigTest, TenantsShareStoredAnswersUnlessIsolated) {
  EXPECT_FALSE(ParseOrDie({}).isolate_tenants);
  EXPECT_TRUE(ParseOrDie({"--isolate-tenants"}).isolate_tenants);
}

TEST(ConfigTest, RetentionIsUnlimitedOrAtLeastADay) {
  EXPECT_EQ(ParseOrDie({}).store.retention, absl::InfiniteDuration());
  const std::pair<std::string, absl::Duration> cases[] = {
      {"0", absl::InfiniteDuration()},
      {"90d", absl::Hours(90 * 24)},
      {"24h", absl::Hours(24)},
      {"36h30m", absl::Hours(36) + absl::Minutes(30)},
  };
  for (const auto& [text, retention] : cases) {
    EXPECT_EQ(ParseOrDie({"--retention", text}).store.retention, retention);
  }
  for (const char* text : {"23h", "-90d", "d", "90", "ninety"}) {
    const absl::Status status =
        Parse({"--data-dir", "d", "--retention", text}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("--retention"));
  }
}

TEST(ConfigTest, AFlagOverridesTheEnvironmentWhichOverridesTheFile) {
  const TemporaryFolder folder;
  const std::string file = WriteTo(folder,
                                   "usync-batch = 10\n"
                                   "session-window = 10\n"
                                   "threads = 10\n"
                                   "default-max-age = \"10m\"\n"
                                   "insecure-listen = true\n");
  const EnvironmentVariable window("PORTRAIT_SESSION_WINDOW", "20");
  const EnvironmentVariable threads("PORTRAIT_THREADS", "20");
  const EnvironmentVariable config_file("PORTRAIT_CONFIG", file);
  const Config config = ParseOrDie({"--threads", "30"});
  EXPECT_EQ(config.sessions.usync_batch, 10u);
  EXPECT_EQ(config.sessions.max_queries_in_flight, 20u);
  EXPECT_EQ(config.threads, 30u);
  EXPECT_EQ(config.freshness.available, absl::Minutes(10));
  EXPECT_TRUE(config.server.insecure_listen);
}

TEST(ConfigTest, TakesTheRootKeyFromAFileToo) {
  const TemporaryFolder folder;
  const std::string raw(32, '\x01');
  EXPECT_EQ(ParseOrDie({"--whatsapp-root-key", WriteTo(folder, raw)})
                .sessions.connection.root_public_key,
            raw);
  const std::string hex = std::string(64, '0') + "\n";
  EXPECT_EQ(ParseOrDie({"--whatsapp-root-key", WriteTo(folder, hex)})
                .sessions.connection.root_public_key,
            std::string(32, '\0'));
}

TEST(ConfigTest, AnErrorNamesTheFlagAndWhatWasExpected) {
  const TemporaryFolder folder;
  const std::string unknown_setting = WriteTo(folder, "usync-batches = 5\n");
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--usync-batch", "0"}, "a whole number from 1 to 1000, not '0'"},
      {{"--usync-batch", "many"}, "a whole number from 1 to 1000, not 'many'"},
      {{"--session-usync-rate", "-1"}, "a number from 0"},
      {{"--session-picture-rate", "nan"}, "a number from 0"},
      {{"--default-max-age", "24"}, "a duration such as"},
      {{"--default-max-age", "-1h"}, "not negative, not '-1h'"},
      {{"--max-age-hidden", "-1h"}, "not negative, not '-1h'"},
      {{"--restore", "backups", "--reset-admin-token"}, "one of them"},
      {{"--reset-admin-token", "--forget-accounts"}, "one of them"},
      {{"--restore-backup", "2"}, "expected --restore DIR, too"},
      {{"--store-sync", "sometimes"}, "batch or none, not 'sometimes'"},
      {{"--log-level", "loud"}, "one of trace, debug"},
      {{"--whatsapp-version", "2.x"}, "a version such as"},
      {{"--whatsapp-url", "https://x"}, "expected wss://"},
      {{"--whatsapp-proxy", "https://x:1"}, "expected http://"},
      {{"--whatsapp-pictures-url", "ftp://x"}, "expected https://HOST"},
      {{"--whatsapp-pictures-url", "https://x/"}, "without a path"},
      {{"--whatsapp-root-key", "/nowhere"}, "64 hexadecimal digits"},
      {{"--whatsapp-root-key", std::string(64, 'z')}, "64 hexadecimal digits"},
      {{"--tenant-streams", "0"}, "a whole number from 1 to 2000, not '0'"},
      {{"--stream-idle-timeout", "5s"}, "expected 0 or at least 30s"},
      {{"--enumeration-guard", "maybe"}, "on or off, not 'maybe'"},
      {{"--enumeration-crowded-share", "0"}, "above 0, 1 at most, not '0'"},
      {{"--enumeration-unregistered-share", "1.1"}, "above 0, 1 at most"},
      {{"--enumeration-neighbours", "101"}, "from 1 to 100, not '101'"},
      {{"--listen", "7700"}, "expected HOST:PORT"},
      {{"--metrics-listen", "127.0.0.1:x"}, "expected HOST:PORT"},
      {{"--config", "/nowhere"}, "/nowhere"},
      {{"--config", unknown_setting}, "usync-batches"},
      {{"--no-such-flag"}, "--no-such-flag"},
      {{"--node-name", "n1"}, "expected --kafka"},
      {{"--node-name", "n 1"}, "letters, digits"},
      {{"--cluster-name", ".."}, "letters, digits"},
      {{"--kafka", "b:1"}, "--node-name"},
      {{"--retention", "90d", "--kafka", "b:1", "--node-name", "n"},
       "not with --kafka"},
      {{"--restore", "backups", "--kafka", "b:1", "--node-name", "n"},
       "not with --kafka"},
      {{"--key-file", "k", "--kafka", "b:1", "--node-name", "n"},
       "--cluster-key"},
      {{"--cluster-session-timeout", "0s", "--kafka", "b:1", "--node-name",
        "n"},
       "at least 1s"},
      {{"--advertise", "h:1", "--kafka", "b:1", "--node-name", "n"},
       "without a port, not 'h:1'"},
      {{"--advertise", "h"}, "expected --kafka"},
      {{"--listen", "unix:s", "--kafka", "b:1", "--node-name", "n"},
       "expected HOST:PORT, because other nodes connect"},
  };
  for (const auto& [arguments, expected] : cases) {
    SCOPED_TRACE(absl::StrCat(arguments[0], " ", arguments.back()));
    std::vector<std::string> all = {"--data-dir", "d"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const absl::StatusOr<CommandLine> parsed = Parse(all);
    ASSERT_FALSE(parsed.ok());
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(expected));
    if (arguments[0] != "--config") {
      EXPECT_THAT(std::string(parsed.status().message()),
                  HasSubstr(arguments[0]));
    }
  }
  EXPECT_THAT(std::string(Parse({}).status().message()),
              HasSubstr("--data-dir"));
}

TEST(ConfigTest, ReadsTheFlagsOfLimitsAndGuard) {
  const Config config = ParseOrDie({"--tenant-streams",
                                    "7",
                                    "--connection-streams",
                                    "8",
                                    "--stream-idle-timeout",
                                    "0",
                                    "--connection-age",
                                    "1h",
                                    "--connection-age-grace",
                                    "1m",
                                    "--enumeration-guard",
                                    "off",
                                    "--enumeration-neighbours",
                                    "9",
                                    "--enumeration-density",
                                    "10",
                                    "--enumeration-own-block",
                                    "11",
                                    "--enumeration-crowded-share",
                                    "0.25",
                                    "--enumeration-unregistered-share",
                                    "1",
                                    "--enumeration-pause",
                                    "2h"});
  EXPECT_EQ(config.server.streams.max_streams_of_tenant, 7u);
  EXPECT_EQ(config.server.max_connection_streams, 8u);
  EXPECT_EQ(config.server.streams.idle_timeout, absl::ZeroDuration());
  EXPECT_EQ(config.server.connection_age, absl::Hours(1));
  EXPECT_EQ(config.server.connection_age_grace, absl::Minutes(1));
  EXPECT_FALSE(config.enumeration_guard);
  EXPECT_EQ(config.guard.neighbours, 9u);
  EXPECT_EQ(config.guard.density, 10u);
  EXPECT_EQ(config.guard.own_block, 11u);
  EXPECT_EQ(config.guard.crowded_share, 0.25);
  EXPECT_EQ(config.guard.unregistered_share, 1);
  EXPECT_EQ(config.guard.pause, absl::Hours(2));
}

TEST(ConfigTest, AProxysPasswordIsInNoError) {
  const absl::Status status =
      Parse({"--data-dir", "d", "--whatsapp-proxy", "http://ann:secret@proxy"})
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("port is missing"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
}

TEST(ConfigTest, HelpShowsUnitDefaultAndVariableOfAFlag) {
  const absl::StatusOr<CommandLine> parsed = Parse({"--help"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_FALSE(parsed->config.has_value());
  EXPECT_THAT(parsed->text, AllOf(HasSubstr("--usync-batch CONTACTS=500"),
                                  HasSubstr("PORTRAIT_USYNC_BATCH"),
                                  HasSubstr("--default-max-age DURATION=24h"),
                                  HasSubstr("--listen ADDRESS=127.0.0.1")));
  EXPECT_FALSE(Parse({"--version"})->config.has_value());
}

}  // namespace
}  // namespace portrait
