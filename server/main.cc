// portraitd. It builds every object by hand, in dependency order; they are
// destroyed in reverse.
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/base/log_format.h"
#include "core/base/process_memory.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/image/image_reader.h"
#include "server/config.h"
#include "server/credentials.h"
#include "server/data_folder.h"
#include "server/gauges.h"
#include "server/io_threads.h"
#include "server/metered_store.h"
#include "server/metrics.h"
#include "server/node.h"
#include "server/offline.h"
#include "server/ports.h"
#include "server/process_log.h"
#include "server/ready_file.h"
#include "server/stop_signals.h"
#include "server/term.h"
#include "server/whatsapp_metrics.h"

namespace portrait {
namespace {

constexpr int kExitBadUsage = 2;

// Each connection needs a descriptor, and gRPC stops listening permanently if
// it cannot open one.
void RaiseFileLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Opens the metrics endpoint; null if it was not requested.
absl::StatusOr<std::unique_ptr<MetricsEndpoint>> OpenMetrics(
    const std::string& address, const Metrics& metrics,
    std::shared_ptr<Gauges> gauges) {
  if (address.empty()) return nullptr;
  return MetricsEndpoint::Open(address, metrics, std::move(gauges));
}

void Announce(const Config& config, const std::string& address) {
  LogInfo("data in {}, {} threads, drain timeout {}", config.data_dir,
          config.threads, absl::FormatDuration(config.drain_timeout));
  const whatsapp::Proxy& proxy = config.sessions.connection.websocket.proxy;
  if (proxy.kind != whatsapp::Proxy::Kind::kNone) {
    LogInfo("accounts connect through the proxy {}", proxy.ToString());
  }
  if (config.log_format == LogFormat::kJson) {
    LogInfo("serving on {}", address);
    return;
  }
  std::printf("portraitd serving on %s\n", address.c_str());
  std::fflush(stdout);
}

// Writes the addresses to `path`.
absl::StatusOr<ReadyFile> WriteReadyFile(const std::string& path,
                                         const TermParts& parts,
                                         const MetricsEndpoint* metrics) {
  return ReadyFile::Write(
      path,
      {parts.port->address().ToString(), metrics ? metrics->address() : "",
       parts.config.server.tls.certificate,
       parts.http_port ? parts.http_port->address().ToString() : ""});
}

// Serves until a stop signal. `reload` is called for each SIGHUP.
absl::Status Serve(const Config& config, const std::function<void()>& reload) {
  ASSIGN_OR_RETURN(cluster::ClusterStores opened, OpenStores(config));
  Metrics metrics;
  WhatsAppMetrics whatsapp_metrics(*metrics.registry());
  MeteredStore store(*opened.stores.pictures, metrics);
  const auto gauges = std::make_shared<Gauges>(store, opened.log);
  // This process has the database's lock, so an existing file is from a crash.
  const std::string ready_path =
      absl::StrCat(config.data_dir, "/portraitd.json");
  std::remove(ready_path.c_str());

  // Accepts and relays connections, and receives signals.
  IoThreads front(1);
  TermParts parts{config,  opened.stores,    store,
                  metrics, whatsapp_metrics, *gauges};
  const absl::Cleanup close_ports = [&parts] {
    if (parts.port != nullptr) parts.port->Stop();
    if (parts.http_port != nullptr) parts.http_port->Stop();
  };
  ASSIGN_OR_RETURN(parts.port, OpenGrpcPort(front.context(), config.server));
  ASSIGN_OR_RETURN(parts.http_port,
                   OpenHttpPort(front.context(), config.http, config.server));
  ASSIGN_OR_RETURN(const auto metrics_endpoint,
                   OpenMetrics(config.metrics_listen, metrics, gauges));
  // A node that stands by finds wrong files now, not when it becomes active.
  RETURN_IF_ERROR(MakeCredentials(config.server.tls).status());

  Node node(front.context(), parts, opened.log);
  ASSIGN_OR_RETURN(
      const auto signals,
      StopSignals::Receive(front.context(), reload, [&node] { node.Stop(); }));
  // Before `signals` and `node` are destroyed.
  const absl::Cleanup stop_front = [&front] { front.Stop(); };
  std::optional<ReadyFile> ready;
  return node.Run([&]() -> absl::Status {
    // The first node of a cluster may have made it since the store was opened.
    RefreshAdminToken(config, *opened.stores.access);
    ASSIGN_OR_RETURN(ReadyFile written,
                     WriteReadyFile(ready_path, parts, metrics_endpoint.get()));
    ready.emplace(std::move(written));
    Announce(config, parts.port->address().ToString());
    return absl::OkStatus();
  });
}

// Reads the level again from the settings file and the environment; all other
// settings need a restart. Certificates are reloaded without a signal.
void ReloadLogLevel(int argc, const char* const* argv) {
  const absl::StatusOr<CommandLine> now = ParseCommandLine(argc, argv);
  if (!now.ok() || !now->config.has_value()) {
    LogError("SIGHUP: invalid settings, nothing is changed: {}",
             now.status().ToString());
    return;
  }
  SetLogLevel(now->config->log_level);
  LogInfo("SIGHUP: log level {}", now->config->log_level);
}

int Main(int argc, const char* const* argv) {
  // All files that are written contain phone numbers, keys or tokens.
  umask(S_IRWXG | S_IRWXO);
  const absl::StatusOr<CommandLine> command_line = ParseCommandLine(argc, argv);
  if (!command_line.ok()) {
    const LogFormat format = RequestedLogFormat(argc, argv);
    InitLogging("portraitd", "info");
    SetLogFormat(format);
    TellFailure(command_line.status(), format);
    if (format == LogFormat::kText) {
      std::fputs("Run portraitd --help for usage.\n", stderr);
    }
    return kExitBadUsage;
  }
  if (!command_line->config.has_value()) {
    std::fputs(command_line->text.c_str(), stdout);
    return EXIT_SUCCESS;
  }
  const Config& config = *command_line->config;
  InitLogging("portraitd", config.log_level);
  SetLogFormat(config.log_format);
  LogGrpcMessages();
  if (const absl::Status status = ForbidMemoryDumps(); !status.ok()) {
    TellFailure(status, config.log_format);
    return EXIT_FAILURE;
  }
  RaiseFileLimit();
  // A closed output pipe must not end the process.
  std::signal(SIGPIPE, SIG_IGN);
  const std::optional<absl::Status> offline = RunOffline(config);
  if (!offline.has_value()) StopSignals::Block();
  const absl::Status status =
      offline.has_value() ? *offline
                          : Serve(config, [=] { ReloadLogLevel(argc, argv); });
  if (!status.ok()) {
    TellFailure(status, config.log_format);
    return absl::IsInvalidArgument(status) ? kExitBadUsage : EXIT_FAILURE;
  }
  if (!offline.has_value()) LogInfo("stopped");
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace portrait

int main(int argc, char** argv) {
  portrait::RunImageHelperIfAsked(argc, argv);
  // Debian's Abseil checks the order in which locks are taken, which slows down
  // every call; only debug builds do so.
#ifdef NDEBUG
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  try {
    return portrait::Main(argc, argv);
  } catch (const std::exception& e) {
    portrait::TellFailure(absl::InternalError(e.what()),
                          portrait::RequestedLogFormat(argc, argv));
    return EXIT_FAILURE;
  }
}
