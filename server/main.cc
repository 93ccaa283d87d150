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

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/access/access_control.h"
#include "core/access/audit_log.h"
#include "core/access/tenants.h"
#include "core/access/usage_ledger.h"
#include "core/base/fair_threads.h"
#include "core/base/log_format.h"
#include "core/base/process_memory.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/image/image_reader.h"
#include "core/lookup/change_feed.h"
#include "core/lookup/lookup_engine.h"
#include "core/lookup/scheduler.h"
#include "core/session/sealed_sessions.h"
#include "core/session/session_pool.h"
#include "core/store/picture_store.h"
#include "server/config.h"
#include "server/data_folder.h"
#include "server/gauges.h"
#include "server/http/serve_http.h"
#include "server/images.h"
#include "server/io_threads.h"
#include "server/metered_store.h"
#include "server/metrics.h"
#include "server/offline.h"
#include "server/ports.h"
#include "server/process_log.h"
#include "server/ready_file.h"
#include "server/server.h"
#include "server/tenant_guard.h"
#include "server/whatsapp_metrics.h"

namespace portrait {
namespace {

// The time for sessions to log out of their streams at a stop.
constexpr size_t kStoreThreads = 2;
constexpr absl::Duration kSessionStopTimeout = absl::Seconds(5);

// The time for HTTP responses to be sent when all calls have ended.
constexpr absl::Duration kHttpFlushTimeout = absl::Seconds(2);

constexpr int kExitBadUsage = 2;

sigset_t HandledSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGHUP);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

// Blocks the signals in the calling thread and in its later child threads.
void BlockSignals() {
  const sigset_t signals = HandledSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

// Waits for a stop signal; calls `on_hangup` for each SIGHUP.
void WaitForStopSignal(const std::function<void()>& on_hangup) {
  const sigset_t signals = HandledSignals();
  int signal = 0;
  while (sigwait(&signals, &signal) != 0 || signal == SIGHUP) {
    if (signal == SIGHUP) on_hangup();
  }
  LogInfo("{}: finishing calls in flight; repeat the signal to exit at once",
          signal == SIGINT ? "SIGINT" : "SIGTERM");
  // A second stop signal has its default action, which ends the process.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

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

void Announce(const Config& config, const PortraitServer& server) {
  LogInfo("data in {}, {} threads, drain timeout {}", config.data_dir,
          config.threads, absl::FormatDuration(config.drain_timeout));
  const whatsapp::Proxy& proxy = config.sessions.connection.websocket.proxy;
  if (proxy.kind != whatsapp::Proxy::Kind::kNone) {
    LogInfo("accounts connect through the proxy {}", proxy.ToString());
  }
  if (config.log_format == LogFormat::kJson) {
    LogInfo("serving on {}", server.address());
    return;
  }
  std::printf("portraitd serving on %s\n", server.address().c_str());
  std::fflush(stdout);
}

// Opens the audit log; null if it was not requested.
absl::StatusOr<std::unique_ptr<AuditLog>> OpenAuditLog(
    const AuditOptions& options, KeyValueStore& store) {
  if (options.file.empty()) return nullptr;
  return AuditLog::Open(store, options);
}

// Serves calls until a stop signal, and writes the address to `ready_path`.
// `reload` is called for each SIGHUP.
absl::Status ServeCalls(const Config& config, IoThreads& io,
                        const Backends& backends,
                        std::shared_ptr<Gauges> gauges,
                        const std::string& ready_path,
                        const std::function<void()>& reload) {
  ASSIGN_OR_RETURN(
      const auto metrics_endpoint,
      OpenMetrics(config.metrics_listen, backends.metrics, std::move(gauges)));
  ASSIGN_OR_RETURN(const auto port, OpenGrpcPort(io.context(), config.server));
  const absl::Cleanup close_port = [&port] { port->Stop(); };
  ASSIGN_OR_RETURN(const auto http_port,
                   OpenHttpPort(io.context(), config.http, config.server));
  const absl::Cleanup close_http_port = [&http_port] {
    if (http_port != nullptr) http_port->Stop();
  };
  ASSIGN_OR_RETURN(
      const auto server,
      PortraitServer::Start(io.context(), backends, config.server, port));
  ASSIGN_OR_RETURN(
      const auto http_server,
      http::ServeHttp(config.http, config.server, *server, http_port));
  ASSIGN_OR_RETURN(
      const ReadyFile ready,
      ReadyFile::Write(ready_path,
                       {server->address(),
                        metrics_endpoint ? metrics_endpoint->address() : "",
                        config.server.tls.certificate,
                        http_server ? http_server->address() : ""}));
  Announce(config, *server);
  WaitForStopSignal(reload);
  if (http_server != nullptr) {
    http_port->Stop();
    http_server->StopAccepting();
  }
  server->Drain(config.drain_timeout);
  if (http_server != nullptr) http_server->Stop(kHttpFlushTimeout);
  // A failure exit makes the supervisor start the process again.
  const absl::Status writes = backends.maintenance.CheckWrites();
  return absl::IsAborted(writes) ? writes : absl::OkStatus();
}

// Serves until a stop signal. `reload` is called for each SIGHUP.
absl::Status Serve(const Config& config, const std::function<void()>& reload) {
  ASSIGN_OR_RETURN(cluster::ClusterStores opened, OpenStores(config));
  Stores& stores = opened.stores;
  Metrics metrics;
  WhatsAppMetrics whatsapp_metrics(*metrics.registry());
  MeteredStore store(*stores.pictures, metrics);
  const auto changes = std::make_unique<ChangeFeed>(store);
  // This process has the database's lock, so an existing file is from a crash.
  const std::string ready_path =
      absl::StrCat(config.data_dir, "/portraitd.json");
  std::remove(ready_path.c_str());
  ASSIGN_OR_RETURN(const auto sealed,
                   SealedSessions::Open(*stores.sessions, config.key_file));
  ASSIGN_OR_RETURN(const auto access, OpenAccess(config, *stores.access));
  ASSIGN_OR_RETURN(const auto ledger,
                   UsageLedger::Open(*stores.access,
                                     absl::StrCat(config.data_dir, "/usage")));
  Tenants tenants(*access, *ledger);
  ASSIGN_OR_RETURN(const auto audit,
                   OpenAuditLog(config.audit, *stores.access));

  IoThreads io(config.threads);
  Scheduler scheduler;
  VersionKeeper versions(config.versions);
  SessionOptions session_options = config.sessions;
  session_options.versions = &versions;
  session_options.observer = &whatsapp_metrics;
  const auto sessions = SessionPool::Make(io.context(), *sealed, scheduler,
                                          std::move(session_options));
  FairThreads store_threads(kStoreThreads);
  TenantGuard guard(*access, metrics, config.guard, stores.access.get());
  LookupEngineOptions engine_options;
  engine_options.freshness = config.freshness;
  engine_options.isolates_tenants = config.isolate_tenants;
  if (config.enumeration_guard) engine_options.guard = &guard;
  LookupEngine engine(store, scheduler, *sessions, store_threads,
                      engine_options);
  // Before the engine and the sessions are destroyed, the sessions return their
  // tasks to the engine, and the threads stop running sessions.
  const absl::Cleanup stop_sessions = [&] {
    sessions->Stop(kSessionStopTimeout);
    io.Stop();
  };
  RETURN_IF_ERROR(sessions->Start());
  std::unique_ptr<Images> images;
  if (!config.images.place.empty()) {
    ASSIGN_OR_RETURN(
        images, Images::Open(config.images, store, *stores.images, *sessions,
                             engine, *changes, metrics));
  }

  Backends backends{
      store,      store_threads, engine,  *changes, *sessions,
      *access,    tenants,       metrics, *sealed,  *stores.maintenance,
      audit.get()};
  backends.isolates_tenants = config.isolate_tenants;
  if (config.enumeration_guard) backends.guard = &guard;
  backends.images = images.get();
  return ServeCalls(
      config, io, backends,
      std::make_shared<Gauges>(*sessions, scheduler, store, opened.log),
      ready_path, reload);
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
  if (!offline.has_value()) BlockSignals();
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
