// Term is a time in which this server answers calls: it has all objects that
// lookups, accounts and calls need. Without a cluster there is one term, from
// the start to the stop; a node of a cluster has one whenever it is active, and
// builds everything from the store again, which other nodes may have written.
#ifndef PORTRAIT_SERVER_TERM_H_
#define PORTRAIT_SERVER_TERM_H_

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/access/access_control.h"
#include "core/access/audit_log.h"
#include "core/access/tenants.h"
#include "core/access/usage_ledger.h"
#include "core/base/fair_threads.h"
#include "core/lookup/change_feed.h"
#include "core/lookup/lookup_engine.h"
#include "core/lookup/scheduler.h"
#include "core/session/sealed_sessions.h"
#include "core/session/session_pool.h"
#include "core/store/picture_store.h"
#include "server/backends.h"
#include "server/cluster_control.h"
#include "server/config.h"
#include "server/connections.h"
#include "server/gauges.h"
#include "server/http/http_server.h"
#include "server/images.h"
#include "server/io_threads.h"
#include "server/metrics.h"
#include "server/server.h"
#include "server/tenant_guard.h"
#include "server/whatsapp_metrics.h"

namespace portrait {

// What remains from term to term. All members outlive the terms.
struct TermParts {
  const Config& config;
  Stores& stores;
  PictureStore& store;  // stores.pictures, measured
  Metrics& metrics;
  WhatsAppMetrics& whatsapp_metrics;
  Gauges& gauges;
  std::shared_ptr<Connections> port = nullptr;
  std::shared_ptr<Connections> http_port = nullptr;  // null: no HTTP
  ClusterControl* cluster = nullptr;                 // null: no cluster
};

// Thread-compatible.
class Term {
 public:
  // Connects the accounts and serves calls on the ports.
  //
  // Errors: those of the parts; nothing is left behind.
  static absl::StatusOr<std::unique_ptr<Term>> Begin(const TermParts& parts);
  // Ends at once.
  ~Term();

  // Disconnects all accounts, before anything else: another node may connect
  // them soon.
  void DisconnectAccounts();
  // Stops serving: gives running calls `timeout` to finish, and ends streams
  // with the status `why`. The accounts are disconnected afterwards. The ports
  // stay open.
  void End(absl::Duration timeout, const absl::Status& why);

 private:
  explicit Term(const TermParts& parts);
  absl::Status OpenStored();
  absl::Status StartAccounts();
  absl::Status Serve();
  Backends MakeBackends();

  const TermParts parts_;
  std::unique_ptr<ChangeFeed> changes_;
  std::unique_ptr<SealedSessions> sealed_;
  std::unique_ptr<AccessControl> access_;
  std::unique_ptr<UsageLedger> ledger_;
  std::optional<Tenants> tenants_;
  std::unique_ptr<AuditLog> audit_;
  IoThreads io_;
  Scheduler scheduler_;
  VersionKeeper versions_;
  std::unique_ptr<SessionPool> sessions_;
  FairThreads store_threads_;
  std::optional<TenantGuard> guard_;
  std::optional<LookupEngine> engine_;
  std::unique_ptr<Images> images_;
  std::unique_ptr<PortraitServer> server_;
  std::unique_ptr<http::HttpServer> http_server_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_TERM_H_
