// portraitd's settings. Each is a flag, an environment variable (--data-dir is
// PORTRAIT_DATA_DIR) and a line of the --config file (TOML: data-dir = "…"). A
// flag overrides the environment, and the environment overrides the file.
#ifndef PORTRAIT_SERVER_CONFIG_H_
#define PORTRAIT_SERVER_CONFIG_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/access/audit_log.h"
#include "core/access/enumeration_guard.h"
#include "core/base/log_format.h"
#include "core/cluster/cluster_options.h"
#include "core/lookup/freshness.h"
#include "core/session/session_pool.h"
#include "core/store/picture_store.h"
#include "server/http/http_options.h"
#include "server/image_options.h"
#include "server/server_options.h"

namespace portrait {

// Complete and validated, except for files that are read later.
struct Config {
  std::string data_dir;
  std::string key_file;        // the file with the key that seals accounts
  std::string metrics_listen;  // HOST:PORT; empty: no metrics
  ServerOptions server;
  http::HttpOptions http;
  SessionOptions sessions;
  VersionKeeper::Options versions;
  FreshnessOptions freshness;
  bool isolate_tenants = false;
  bool enumeration_guard = true;
  EnumerationGuardOptions guard;  // used unless it is turned off
  RocksDbOptions store;
  ImageOptions images;
  // If `brokers` is not empty, this server is a node of a cluster. Its key is
  // in cluster_key_file, and read when the store is opened.
  cluster::ClusterOptions cluster;
  std::string cluster_key_file;
  std::string advertise;  // the host for other nodes; empty: that of --listen
  AuditOptions audit;     // if `file` is empty, there is no audit log
  size_t threads = 0;     // threads that run sessions; never 0 after parsing
  absl::Duration drain_timeout = absl::Seconds(30);
  std::string log_level = "info";
  LogFormat log_format = LogFormat::kText;

  // Start with an empty store, although the key and the admin token already
  // exist.
  bool new_store = false;

  // Operations that run in place of serving.
  bool reset_admin_token = false;
  bool forget_accounts = false;
  bool forget_images = false;
  std::string restore_from;   // a folder of backups; empty: no restore
  size_t restore_backup = 0;  // the backup's id; 0: the newest
};

struct CommandLine {
  std::optional<Config> config;  // nullopt: print `text` and exit successfully
  std::string text;              // the output of --help or --version
};

// Errors: INVALID_ARGUMENT naming the flag and the expected value.
absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CONFIG_H_
