#include "server/config.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/files.h"
#include "core/base/status_macros.h"
#include "server/cluster_flags.h"
#include "server/data_flags.h"
#include "server/flags.h"
#include "server/guard_flags.h"
#include "server/http_flags.h"
#include "server/image_flags.h"
#include "server/listen_address.h"

namespace portrait {
namespace {

constexpr size_t kMaxConnectionStreams = 100'000;
constexpr absl::Duration kLeastIdleTimeout = absl::Seconds(30);
constexpr size_t kMaxUsyncBatch = 1000;
constexpr size_t kMaxSessionWindow = 1000;
constexpr size_t kMaxThreads = 1024;
constexpr size_t kMaxCacheMib = 1 << 20;
constexpr size_t kRootKeyBytes = 32;
constexpr size_t kSpareBatches = 4;
constexpr char kVersionPage[] = "https://web.whatsapp.com/sw.js";

// Flags that become part of a Config only together with other flags or files.
struct RawFlags {
  std::string root_key;
  std::string proxy;
  bool version_given = false;
  std::optional<std::string> version_url;
  bool full_handshake = false;
  absl::Duration default_max_age = absl::Hours(24);
  std::optional<absl::Duration> available, hidden, not_set, not_registered;
  size_t block_cache_mib = 256;
  size_t record_cache_mib = 64;
  size_t audit_log_mib = 100;
};

void AddServerFlags(Flags& flags, Config& config) {
  flags.Group("Serving");
  flags.Text("--listen", "ADDRESS", &config.server.listen,
             "Address to serve gRPC on: HOST:PORT (port 0 picks a free port) "
             "or unix:PATH");
  flags.Text("--tls-cert", "FILE", &config.server.tls.certificate,
             "Server certificate with its chain (PEM). If unset, connections "
             "are not encrypted");
  flags.Text("--tls-key", "FILE", &config.server.tls.key,
             "Private key of --tls-cert, PEM");
  flags.Text(
      "--tls-client-ca", "FILE", &config.server.tls.client_ca,
      "Require client certificates signed by one of these authorities, PEM");
  flags.Switch("--behind-front", &config.server.behind_front,
               "All callers connect through the front door of deploy/front; "
               "other machines cannot reach --listen directly");
  flags.Switch("--insecure-listen", &config.server.insecure_listen,
               "Allow a --listen that other machines can reach without client "
               "certificates or the front door");
  flags.Text("--metrics-listen", "HOST:PORT", &config.metrics_listen,
             "Address to serve /metrics for Prometheus on (HTTP). If unset, "
             "metrics are not served");
  flags.Duration("--drain-timeout", &config.drain_timeout,
                 "After SIGTERM, wait at most this time for lookups in flight");
}

void AddLimitFlags(Flags& flags, Config& config) {
  flags.Group("Limits");
  flags.Count("--tenant-streams", "COUNT", 1, kMaxOpenStreams,
              &config.server.streams.max_streams_of_tenant,
              "Maximum number of concurrently open gRPC streams per tenant");
  flags.Count(
      "--tenant-calls", "COUNT", 1, kMaxConnectionStreams,
      &config.server.max_tenant_calls,
      "Maximum number of concurrently waiting unary lookups per tenant");
  flags.Count("--connection-streams", "COUNT", 1, kMaxConnectionStreams,
              &config.server.max_connection_streams,
              "Maximum number of concurrent calls per connection; further "
              "calls wait in the client");
  flags.Duration("--stream-idle-timeout", &config.server.streams.idle_timeout,
                 "End a gRPC stream after this time without a message in "
                 "either direction; at least 30s; 0: never");
  flags.Duration(
      "--connection-age", &config.server.connection_age,
      "Close a connection of this age once it carries no call; 0: never");
  flags.Duration(
      "--connection-age-grace", &config.server.connection_age_grace,
      "Time after --connection-age at which remaining calls are cancelled");
}

void AddWhatsAppFlags(Flags& flags, Config& config, RawFlags& raw) {
  SessionOptions& sessions = config.sessions;
  flags.Group("WhatsApp");
  flags.Text("--whatsapp-url", "URL", &sessions.connection.websocket.url,
             "WhatsApp server that accounts connect to, wss:// or ws://");
  flags.Text("--whatsapp-pictures-url", "URL", &sessions.picture_server,
             "Server of channel pictures, https:// or http://");
  flags.Text("--whatsapp-ca", "FILE", &sessions.connection.websocket.ca_file,
             "Certificate authorities trusted for --whatsapp-url (PEM). If "
             "unset, the system's authorities are trusted");
  flags.Text("--whatsapp-root-key", "HEX|FILE", &raw.root_key,
             "Public key that certifies the WhatsApp server, 32 bytes. If "
             "unset, WhatsApp's key is used");
  flags.Text(
      "--whatsapp-proxy", "URL", &raw.proxy,
      "Proxy that accounts connect through: http://[USER:PASSWORD@]HOST:PORT "
      "or socks5://…. Other users of the machine can read command lines: set a "
      "password in the --config file");
  flags.Parsed(
      "--whatsapp-version", "N.N.N", sessions.connection.version.ToString(),
      "a version such as 2.3000.1045368834",
      [&version = sessions.connection.version, &raw](const std::string& text) {
        const auto parsed = whatsapp::ParseClientVersion(text);
        if (parsed.ok()) version = *parsed;
        raw.version_given = true;
        return parsed.ok();
      },
      "Version of the web client that accounts announce. The version stays "
      "fixed unless --whatsapp-version-url is also set");
  flags.Parsed(
      "--whatsapp-version-url", "URL", "",
      "an http:// or https:// URL, or none",
      [&url = raw.version_url](const std::string& text) {
        url = text == "none" ? "" : text;
        return text == "none" || absl::StartsWith(text, "https://") ||
               absl::StartsWith(text, "http://");
      },
      "Page with the current version of the web client, fetched once per day "
      "while accounts connect; none disables this. If unset, WhatsApp's page "
      "is used if --whatsapp-url is WhatsApp's");
  flags.Switch("--whatsapp-full-handshake", &raw.full_handshake,
               "Do not reuse the server's key from the previous login; each "
               "connect then takes one more round trip");
  flags.Count("--usync-batch", "CONTACTS", 1, kMaxUsyncBatch,
              &sessions.usync_batch,
              "Maximum number of contacts per usync query");
  flags.Count("--session-window", "QUERIES", 1, kMaxSessionWindow,
              &sessions.max_queries_in_flight,
              "Maximum number of concurrent queries per account");
  flags.Number("--session-usync-rate", "QUERIES/S", &sessions.usync_per_second,
               "Maximum usync queries per second and account; a query counts "
               "once per 125 contacts; 0: limited by WhatsApp only");
  flags.Number("--session-picture-rate", "QUERIES/S",
               &sessions.pictures_per_second,
               "Maximum picture queries per second and account; 0: limited by "
               "WhatsApp only");
  flags.Switch(
      "--lean-picture-queries", &sessions.lean_picture_queries,
      "Ask only for the picture size requested and send the known "
      "picture id: half as many picture queries, but WhatsApp Web asks "
      "for both sizes and sends no id");
  flags.Switch("--group-batches", &sessions.group_batches,
               "Query the pictures of up to 1,000 groups at once, which "
               "WhatsApp Web does not do");
  flags.Number(
      "--connect-rate", "CONNECTS/S", &sessions.connects_per_second,
      "Maximum connects per second, of all accounts together; 0: no limit");
}

void AddAgeFlag(Flags& flags, const std::string& flag,
                std::optional<absl::Duration>* value, const std::string& of) {
  flags.Parsed(
      flag, "DURATION", "", "a duration such as 30s, 5m or 24h, not negative",
      [value](const std::string& text) {
        absl::Duration age;
        if (!absl::ParseDuration(text, &age)) return false;
        *value = age;
        return age >= absl::ZeroDuration();
      },
      absl::StrCat("Maximum age of a stored answer for ", of,
                   ". If unset, --default-max-age applies"));
}

void AddLookupFlags(Flags& flags, RawFlags& raw) {
  flags.Group("Freshness");
  flags.Duration(
      "--default-max-age", &raw.default_max_age,
      "Maximum age of a stored answer if the request does not set max_age");
  AddAgeFlag(flags, "--max-age-available", &raw.available, "pictures");
  AddAgeFlag(flags, "--max-age-hidden", &raw.hidden, "hidden pictures");
  AddAgeFlag(flags, "--max-age-not-set", &raw.not_set,
             "contacts without a picture");
  AddAgeFlag(flags, "--max-age-not-registered", &raw.not_registered,
             "numbers that are not on WhatsApp");
}

void AddProcessFlags(Flags& flags, Config& config, RawFlags& raw) {
  flags.Group("Process");
  flags.Text("--data-dir", "DIR", &config.data_dir,
             "Folder that holds all state; created if missing");
  flags.Text("--key-file", "FILE", &config.key_file,
             "File with the key that encrypts the linked accounts; created if "
             "missing. If unset, portrait.key in the data folder is used");
  flags.Text("--backup-dir", "DIR", &config.server.backup_dir,
             "Folder that `portrait admin backup` writes to; created if "
             "missing. If unset, there are no backups");
  AddRetentionFlag(flags, &config.store.retention);
  AddIsolationFlag(flags, &config.isolate_tenants);
  flags.Parsed(
      "--store-sync", "batch|none", "batch", "batch or none",
      [&store = config.store](const std::string& text) {
        store.sync = text == "none" ? StoreSync::kNone : StoreSync::kBatch;
        return text == "none" || text == "batch";
      },
      "batch: sync each write to the disk before the callers get their "
      "answers. none: the operating system syncs; a power failure may lose the "
      "last seconds");
  flags.Count("--block-cache-mib", "MIB", 1, kMaxCacheMib, &raw.block_cache_mib,
              "Memory for the store's block cache");
  flags.Count("--record-cache-mib", "MIB", 0, kMaxCacheMib,
              &raw.record_cache_mib,
              "Memory for the cache of frequently requested records");
  flags.Count("--threads", "COUNT", 0, kMaxThreads, &config.threads,
              "Threads that run the accounts; 0: one per core");
  flags.Parsed(
      "--log-format", "FORMAT", "text", "text or json",
      [&format = config.log_format](const std::string& text) {
        format = text == "json" ? LogFormat::kJson : LogFormat::kText;
        return text == "json" || text == "text";
      },
      "Format of log lines: text, or one JSON object per line");
  flags.Parsed(
      "--log-level", "LEVEL", config.log_level,
      "one of trace, debug, info, warning, error, off",
      [&level = config.log_level](const std::string& text) {
        level = text;
        for (const char* known :
             {"trace", "debug", "info", "warning", "error", "off"}) {
          if (text == known) return true;
        }
        return false;
      },
      "Minimum level of messages logged to standard error");
}

absl::StatusOr<std::string> ResolveRootKey(const std::string& text) {
  std::string key = text;
  if (key.size() != 2 * kRootKeyBytes) {
    const absl::StatusOr<std::string> content = ReadFile(text);
    if (!content.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--whatsapp-root-key: neither 64 hexadecimal digits nor "
                       "a file: ",
                       content.status().message()));
    }
    if (content->size() == kRootKeyBytes) return *content;
    key = std::string(absl::StripAsciiWhitespace(*content));
  }
  const bool is_hex = std::all_of(
      key.begin(), key.end(), [](char c) { return absl::ascii_isxdigit(c); });
  if (key.size() != 2 * kRootKeyBytes || !is_hex) {
    return absl::InvalidArgumentError(
        "--whatsapp-root-key: expected 32 bytes or 64 hexadecimal digits");
  }
  return absl::HexStringToBytes(key);
}

absl::Status CheckAddress(absl::string_view flag, absl::string_view address) {
  const absl::Status status = ParseListenAddress(address).status();
  if (status.ok()) return status;
  return absl::InvalidArgumentError(absl::StrCat(flag, ": ", status.message()));
}

absl::Status Check(const Config& config) {
  if (config.data_dir.empty()) {
    return absl::InvalidArgumentError(
        "--data-dir: expected the folder that holds all state");
  }
  RETURN_IF_ERROR(CheckOfflineFlags(config));
  RETURN_IF_ERROR(CheckImageFlags(config.images));
  RETURN_IF_ERROR(CheckClusterFlags(config));
  RETURN_IF_ERROR(CheckAddress("--listen", config.server.listen));
  if (!config.metrics_listen.empty()) {
    RETURN_IF_ERROR(CheckAddress("--metrics-listen", config.metrics_listen));
  }
  const absl::Duration idle = config.server.streams.idle_timeout;
  if (idle > absl::ZeroDuration() && idle < kLeastIdleTimeout) {
    return absl::InvalidArgumentError(
        absl::StrCat("--stream-idle-timeout: expected 0 or at least ",
                     absl::FormatDuration(kLeastIdleTimeout)));
  }
  const std::string& url = config.sessions.connection.websocket.url;
  if (!absl::StartsWith(url, "wss://") && !absl::StartsWith(url, "ws://")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--whatsapp-url: expected wss://HOST/PATH or ws://…, not '", url, "'"));
  }
  const std::string& pictures = config.sessions.picture_server;
  if ((!absl::StartsWith(pictures, "https://") &&
       !absl::StartsWith(pictures, "http://")) ||
      absl::EndsWith(pictures, "/")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--whatsapp-pictures-url: expected https://HOST or http://…, without a "
        "path, not '",
        pictures, "'"));
  }
  return absl::OkStatus();
}

// WhatsApp's version page is used only if accounts connect to WhatsApp itself,
// so that an installation with another server never contacts it.
void CompleteVersions(const RawFlags& raw, Config& config) {
  const whatsapp::ConnectionOptions& connection = config.sessions.connection;
  const bool to_whatsapp =
      connection.websocket.url == whatsapp::WebSocketOptions().url;
  std::string own = to_whatsapp && !raw.version_given ? kVersionPage : "";
  config.versions.at_least = connection.version;
  config.versions.page.url = raw.version_url.value_or(std::move(own));
  config.versions.page.proxy = connection.websocket.proxy;
  config.versions.page.ca_file = connection.websocket.ca_file;
  config.versions.file = absl::StrCat(config.data_dir, "/whatsapp-version");
}

absl::Status Complete(const RawFlags& raw, Config& config) {
  RETURN_IF_ERROR(Check(config));
  if (!raw.root_key.empty()) {
    ASSIGN_OR_RETURN(config.sessions.connection.root_public_key,
                     ResolveRootKey(raw.root_key));
  }
  absl::StatusOr<whatsapp::Proxy> proxy = whatsapp::ParseProxy(raw.proxy);
  if (!proxy.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--whatsapp-proxy: ", proxy.status().message()));
  }
  config.sessions.connection.websocket.proxy = *std::move(proxy);
  CompleteVersions(raw, config);
  config.http.picture_origin = config.sessions.picture_server;
  config.images.fetcher.ca_file = config.sessions.connection.websocket.ca_file;
  config.sessions.connection.resume = !raw.full_handshake;
  if (config.cluster_key_file.empty()) {
    config.cluster_key_file = absl::StrCat(config.data_dir, "/cluster.key");
  }
  if (!config.cluster.brokers.empty()) {
    config.key_file = config.cluster_key_file;
  } else if (config.key_file.empty()) {
    config.key_file = absl::StrCat(config.data_dir, "/portrait.key");
  }
  const absl::Duration age = raw.default_max_age;
  config.freshness.available = raw.available.value_or(age);
  config.freshness.hidden = raw.hidden.value_or(age);
  config.freshness.not_set = raw.not_set.value_or(age);
  config.freshness.not_registered = raw.not_registered.value_or(age);
  config.store.block_cache_bytes = raw.block_cache_mib << 20;
  config.audit.max_bytes = raw.audit_log_mib << 20;
  config.store.record_cache_bytes = raw.record_cache_mib << 20;
  if (config.threads == 0) {
    config.threads = std::max(1u, std::thread::hardware_concurrency());
  }
  // Enough for all queries in flight, plus contacts that wait for picture
  // queries.
  config.sessions.max_contacts_in_hand =
      (config.sessions.max_queries_in_flight + kSpareBatches) *
      config.sessions.usync_batch;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(int argc,
                                             const char* const* argv) {
  CommandLine result;
  Config config;
  RawFlags raw;
  CLI::App app(
      "portraitd serves WhatsApp profile pictures over gRPC.\n"
      "Each flag can also be set by an environment variable or by a line of "
      "the\n"
      "--config file. A flag overrides the environment, which overrides the "
      "file.",
      "portraitd");
  app.set_version_flag("--version", PORTRAIT_VERSION);
  Flags flags(app, "PORTRAIT_");
  flags.ConfigFile("--config",
                   "TOML file with settings, such as data-dir = \"…\"");
  AddServerFlags(flags, config);
  AddHttpFlags(flags, &config.http);
  AddLimitFlags(flags, config);
  AddGuardFlags(flags, config.enumeration_guard, config.guard);
  AddWhatsAppFlags(flags, config, raw);
  AddLookupFlags(flags, raw);
  AddImageFlags(flags, &config.images);
  AddProcessFlags(flags, config, raw);
  AddAuditFlags(flags, config.audit, &raw.audit_log_mib);
  AddClusterFlags(flags, config);
  AddOfflineFlags(flags, config);
  RETURN_IF_ERROR(flags.Parse(argc, argv, &result.text));
  if (!result.text.empty()) return result;
  RETURN_IF_ERROR(Complete(raw, config));
  result.config = std::move(config);
  return result;
}

}  // namespace portrait
