#include "server/term.h"

#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/data_folder.h"
#include "server/http/serve_http.h"

namespace portrait {
namespace {

constexpr size_t kStoreThreads = 2;
// The time for sessions to log out of their streams.
constexpr absl::Duration kSessionStopTimeout = absl::Seconds(5);
// The time for HTTP responses to be sent when all calls have ended.
constexpr absl::Duration kHttpFlushTimeout = absl::Seconds(2);

// Opens the audit log; null if it was not requested.
absl::StatusOr<std::unique_ptr<AuditLog>> OpenAuditLog(
    const AuditOptions& options, KeyValueStore& store) {
  if (options.file.empty()) return nullptr;
  return AuditLog::Open(store, options);
}

}  // namespace

Term::Term(const TermParts& parts)
    : parts_(parts),
      io_(parts.config.threads),
      versions_(parts.config.versions),
      store_threads_(kStoreThreads) {}

absl::StatusOr<std::unique_ptr<Term>> Term::Begin(const TermParts& parts) {
  auto term = absl::WrapUnique(new Term(parts));
  RETURN_IF_ERROR(term->OpenStored());
  RETURN_IF_ERROR(term->StartAccounts());
  RETURN_IF_ERROR(term->Serve());
  return term;
}

absl::Status Term::OpenStored() {
  const Config& config = parts_.config;
  Stores& stores = parts_.stores;
  changes_ = std::make_unique<ChangeFeed>(parts_.store);
  ASSIGN_OR_RETURN(sealed_,
                   SealedSessions::Open(*stores.sessions, config.key_file));
  ASSIGN_OR_RETURN(access_, OpenAccess(config, *stores.access));
  ASSIGN_OR_RETURN(ledger_,
                   UsageLedger::Open(*stores.access,
                                     absl::StrCat(config.data_dir, "/usage")));
  tenants_.emplace(*access_, *ledger_);
  ASSIGN_OR_RETURN(audit_, OpenAuditLog(config.audit, *stores.access));
  return absl::OkStatus();
}

absl::Status Term::StartAccounts() {
  const Config& config = parts_.config;
  SessionOptions options = config.sessions;
  options.versions = &versions_;
  options.observer = &parts_.whatsapp_metrics;
  sessions_ = SessionPool::Make(io_.context(), *sealed_, scheduler_,
                                std::move(options));
  guard_.emplace(*access_, parts_.metrics, config.guard,
                 parts_.stores.access.get());
  LookupEngineOptions engine_options;
  engine_options.freshness = config.freshness;
  engine_options.isolates_tenants = config.isolate_tenants;
  if (config.enumeration_guard) engine_options.guard = &*guard_;
  engine_.emplace(parts_.store, scheduler_, *sessions_, store_threads_,
                  engine_options);
  parts_.gauges.ShowLookups(sessions_.get(), &scheduler_);
  if (!config.images.place.empty()) {
    ASSIGN_OR_RETURN(
        images_,
        Images::Open(config.images, parts_.store, *parts_.stores.images,
                     *sessions_, *engine_, *changes_, parts_.metrics));
  }
  // Last: what precedes may take so long that the node is not active any more.
  return sessions_->Start();
}

Backends Term::MakeBackends() {
  Backends backends{parts_.store, store_threads_,
                    *engine_,     *changes_,
                    *sessions_,   *access_,
                    *tenants_,    parts_.metrics,
                    *sealed_,     *parts_.stores.maintenance,
                    audit_.get()};
  backends.isolates_tenants = parts_.config.isolate_tenants;
  if (parts_.config.enumeration_guard) backends.guard = &*guard_;
  backends.images = images_.get();
  backends.cluster = parts_.cluster;
  return backends;
}

absl::Status Term::Serve() {
  const Config& config = parts_.config;
  ASSIGN_OR_RETURN(server_, PortraitServer::Start(io_.context(), MakeBackends(),
                                                  config.server, parts_.port));
  ASSIGN_OR_RETURN(http_server_, http::ServeHttp(config.http, config.server,
                                                 *server_, parts_.http_port));
  return absl::OkStatus();
}

void Term::DisconnectAccounts() { sessions_->Stop(kSessionStopTimeout); }

void Term::End(absl::Duration timeout, const absl::Status& why) {
  if (http_server_ != nullptr) http_server_->StopAccepting();
  if (server_ != nullptr) server_->Drain(timeout, why);
  if (http_server_ != nullptr) http_server_->Stop(kHttpFlushTimeout);
}

Term::~Term() {
  End(absl::ZeroDuration(), ShuttingDownStatus());
  http_server_ = nullptr;
  server_ = nullptr;
  images_ = nullptr;
  if (sessions_ == nullptr) return;
  // Before the engine and the sessions are destroyed, the sessions return their
  // tasks to the engine, and the threads stop running sessions.
  DisconnectAccounts();
  parts_.gauges.ShowLookups(nullptr, nullptr);
  io_.Stop();
}

}  // namespace portrait
