// portraitd's settings. Each is a flag, an environment variable (--data-dir is
// PORTRAIT_DATA_DIR) and a line of the --config file (TOML: data-dir = "…"); a
// flag goes before the environment, that before the file.
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
#include "core/lookup/freshness.h"
#include "core/session/session_pool.h"
#include "core/store/picture_store.h"
#include "server/server.h"

namespace portrait {

// Complete and checked, but for files that are yet to be read.
struct Config {
  std::string data_dir;
  std::string key_file;        // where the key that seals accounts is
  std::string metrics_listen;  // HOST:PORT; empty: no metrics
  ServerOptions server;
  SessionOptions sessions;
  VersionKeeper::Options versions;
  FreshnessOptions freshness;
  bool enumeration_guard = true;
  EnumerationGuardOptions guard;  // where there is one
  RocksDbOptions store;
  AuditOptions audit;  // of an empty file: none is kept
  size_t threads = 0;  // that run sessions; never 0 after parsing
  absl::Duration drain_timeout = absl::Seconds(30);
  std::string log_level = "info";
  LogFormat log_format = LogFormat::kText;

  // Begins with an empty store, although key and admin token are of another.
  bool new_store = false;

  // To do instead of serving.
  bool reset_admin_token = false;
  bool forget_accounts = false;
  std::string restore_from;   // a folder of backups; empty: not to be done
  size_t restore_backup = 0;  // which one; 0: the newest
};

struct CommandLine {
  std::optional<Config> config;  // nothing: print `text` and end well
  std::string text;              // --help, --version
};

// Errors: INVALID_ARGUMENT naming the flag and what was expected.
absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CONFIG_H_
