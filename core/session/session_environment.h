// The objects that a session shares with the others of its pool.
#ifndef PORTRAIT_CORE_SESSION_SESSION_ENVIRONMENT_H_
#define PORTRAIT_CORE_SESSION_SESSION_ENVIRONMENT_H_

#include <memory>

#include "core/base/in_flight_count.h"
#include "core/session/availability_counts.h"
#include "core/session/connect_pacer.h"
#include "core/session/idle_sessions.h"
#include "core/session/sealed_sessions.h"
#include "core/session/session_pool.h"
#include "core/work/work_source.h"

namespace portrait {

class SessionRegistry;

// Objects that sessions use; borrowed while the session counts as
// running.
struct SessionEnvironment {
  const SessionOptions& options;
  WorkSource& work;
  SealedSessions& sealed;
  ConnectPacer& pacer;
  SessionRegistry& registry;
  IdleSessions& idle;
  std::shared_ptr<AvailabilityCounts> counts;
  // Counts sessions and pairings that have started and not ended.
  std::shared_ptr<InFlightCount> running;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_SESSION_ENVIRONMENT_H_
