// What the services answer from.
#ifndef PORTRAIT_SERVER_BACKENDS_H_
#define PORTRAIT_SERVER_BACKENDS_H_

#include "core/access/access_control.h"
#include "core/access/audit_log.h"
#include "core/access/tenants.h"
#include "core/lookup/change_feed.h"
#include "core/lookup/fair_threads.h"
#include "core/lookup/lookup_engine.h"
#include "core/session/sealed_sessions.h"
#include "core/session/session_pool.h"
#include "core/store/picture_store.h"
#include "core/store/store_maintenance.h"
#include "server/call_counts.h"
#include "server/call_lanes.h"
#include "server/metrics.h"

namespace portrait {

// Borrowed; everything in it is thread-safe and outlives the server.
struct Backends {
  PictureStore& store;
  // Where the store is read by calls that may not block: all of them but
  // lookups of one contact.
  FairThreads& store_threads;
  LookupEngine& engine;
  ChangeFeed& changes;
  SessionPool& sessions;
  AccessControl& access;
  Tenants& tenants;
  Metrics& metrics;
  SealedSessions& sealed;
  StoreMaintenance& maintenance;
  AuditLog* audit = nullptr;  // null: none is kept
  // Set by the server itself:
  CallLanes* lanes = nullptr;
  CallCounts* waiting_lookups = nullptr;  // of one contact
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_BACKENDS_H_
