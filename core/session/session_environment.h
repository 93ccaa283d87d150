// The objects that a session shares with the others of its pool.
#ifndef PORTRAIT_CORE_SESSION_SESSION_ENVIRONMENT_H_
#define PORTRAIT_CORE_SESSION_SESSION_ENVIRONMENT_H_

#include <memory>
#include <string>

#include "core/session/availability_counts.h"
#include "core/session/connect_pacer.h"
#include "core/session/idle_sessions.h"
#include "core/session/sealed_sessions.h"
#include "core/session/session_pool.h"
#include "core/work/work_source.h"

namespace portrait {

// Sessions call it to notify their pool. Thread-safe.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  virtual void OnSessionStarted() = 0;
  // A session's PN or LID has changed.
  virtual void OnAddressesChanged() = 0;
  // The session cannot take the work of an Offer(), or not its bulk part, so
  // another session should be offered it. `urgent`: this includes the urgent
  // part.
  virtual void OnOfferDeclined(bool urgent) = 0;
  // The account is unlinked and its keys are erased.
  virtual void OnLoggedOut(const std::string& name) = 0;
  // The last call of each started session: it uses no borrowed object any more.
  virtual void OnSessionEnded() = 0;
};

// Objects that sessions use; borrowed until OnSessionEnded().
struct SessionEnvironment {
  const SessionOptions& options;
  WorkSource& work;
  SealedSessions& sealed;
  ConnectPacer& pacer;
  SessionOwner& owner;
  IdleSessions& idle;
  std::shared_ptr<AvailabilityCounts> counts;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_SESSION_ENVIRONMENT_H_
