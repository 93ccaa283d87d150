// SessionRegistry holds all sessions by name.
#ifndef PORTRAIT_CORE_SESSION_SESSION_REGISTRY_H_
#define PORTRAIT_CORE_SESSION_SESSION_REGISTRY_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "core/session/availability_counts.h"
#include "core/session/idle_sessions.h"
#include "core/session/session.h"
#include "core/session/session_clocks.h"
#include "core/work/session_directory.h"

namespace portrait {

// Thread-safe.
class SessionRegistry {
 public:
  explicit SessionRegistry(SessionClocks clocks) : clocks_(std::move(clocks)) {}

  static constexpr size_t kMaxPairings = 16;    // at once
  static constexpr size_t kMaxSessions = 4000;  // with pairings

  // Reserves `name` for an account that is being paired; if it is empty,
  // chooses one. Returns the name.
  //
  // Errors: ALREADY_EXISTS, RESOURCE_EXHAUSTED, UNAVAILABLE after Close().
  absl::StatusOr<std::string> Reserve(const std::string& name);
  // Releases a reservation, unless a session has the name by now.
  void Release(const std::string& name);

  // Replaces the reservation, if there is one. Returns false after Close().
  bool Add(std::shared_ptr<Session> session);
  void Remove(const std::string& name);

  // Returns null if no session has that name.
  std::shared_ptr<Session> Find(const std::string& name) const;
  std::vector<std::shared_ptr<Session>> All() const;  // by name
  // The name of the session that is linked to that account (PN, no device);
  // empty if there is none, or WhatsApp has unlinked it.
  std::string FindLinked(const whatsapp::Jid& account) const;
  // Wakes one session that may take the work; none after Close().
  void WakeFor(const NewWork& work);
  // Reconnects the sessions whose client version WhatsApp has refused; does
  // nothing after Close().
  void TellOfNewVersion() const;
  // Refuses further sessions and returns all current ones.
  std::vector<std::shared_ptr<Session>> Close();
  // Drops all sessions; they must not outlive their io_context.
  void Clear();

  // Sessions update these two themselves.
  IdleSessions& idle() { return idle_; }
  const std::shared_ptr<AvailabilityCounts>& counts() const { return counts_; }

  // See SessionDirectory.
  SessionDirectory::Availability GetAvailability(const std::string& name) const;
  bool IsOwn(const whatsapp::Jid& jid) const;
  // Call it after a session's addresses have changed.
  void RefreshOwn();

 private:
  bool IsClosed() const;

  const SessionClocks clocks_;
  IdleSessions idle_;
  const std::shared_ptr<AvailabilityCounts> counts_ =
      std::make_shared<AvailabilityCounts>();

  mutable absl::Mutex mu_;
  // A null session is a reservation.
  std::map<std::string, std::shared_ptr<Session>> sessions_
      ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;

  mutable absl::Mutex own_mu_;
  absl::flat_hash_set<whatsapp::Jid> own_ ABSL_GUARDED_BY(own_mu_);
};

// A name matches [a-z0-9-]{1,63}. Errors: INVALID_ARGUMENT with that rule.
absl::Status CheckSessionName(const std::string& name);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_SESSION_REGISTRY_H_
