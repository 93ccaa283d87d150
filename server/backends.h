// The objects with which the services serve their calls.
#ifndef PORTRAIT_SERVER_BACKENDS_H_
#define PORTRAIT_SERVER_BACKENDS_H_

#include "core/access/access_control.h"
#include "core/access/audit_log.h"
#include "core/access/tenants.h"
#include "core/base/fair_threads.h"
#include "core/lookup/change_feed.h"
#include "core/lookup/lookup_engine.h"
#include "core/session/sealed_sessions.h"
#include "core/session/session_pool.h"
#include "core/store/picture_store.h"
#include "core/store/store_maintenance.h"
#include "server/call_counts.h"
#include "server/call_lanes.h"
#include "server/cluster_control.h"
#include "server/images.h"
#include "server/metrics.h"
#include "server/tenant_guard.h"

namespace portrait {

// Borrowed; all members are thread-safe and must outlive the server.
struct Backends {
  PictureStore& store;
  // Runs the store reads of calls that must not block a gRPC thread: all calls
  // but lookups of one contact.
  FairThreads& store_threads;
  LookupEngine& engine;
  ChangeFeed& changes;
  SessionPool& sessions;
  AccessControl& access;
  Tenants& tenants;
  Metrics& metrics;
  SealedSessions& sealed;
  StoreMaintenance& maintenance;
  AuditLog* audit = nullptr;           // null: no audit log
  const TenantGuard* guard = nullptr;  // null: the guard is off
  // The server sets these itself:
  CallLanes* lanes = nullptr;
  CallCounts* waiting_lookups = nullptr;  // of one contact
  // Each tenant is answered as if the others did not exist.
  bool isolates_tenants = false;
  Images* images = nullptr;           // null: no images are kept
  ClusterControl* cluster = nullptr;  // null: no cluster
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_BACKENDS_H_
