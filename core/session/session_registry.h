// SessionRegistry knows which sessions there are, by name.
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

  // Keeps `name` for an account that is being paired; "": makes one up.
  // Returns the name.
  //
  // Errors: ALREADY_EXISTS, RESOURCE_EXHAUSTED, UNAVAILABLE after Close().
  absl::StatusOr<std::string> Reserve(const std::string& name);
  // Gives up what Reserve() kept, unless a session has it by now.
  void Release(const std::string& name);

  // Takes the place of a reservation, if there is one. False after Close().
  bool Add(std::shared_ptr<Session> session);
  void Remove(const std::string& name);

  // Null when there is none of that name.
  std::shared_ptr<Session> Find(const std::string& name) const;
  std::vector<std::shared_ptr<Session>> All() const;  // by name
  // The name of the session that is linked to that account (PN, no device);
  // empty: none, or WhatsApp has unlinked it.
  std::string FindLinked(const whatsapp::Jid& account) const;
  // Wakes one session that may take it; none after Close().
  void WakeFor(const NewWork& work);
  // Sessions whose client version WhatsApp refused reconnect; after Close() the
  // call does nothing.
  void TellOfNewVersion() const;
  // Nothing is added any more. Returns what is there.
  std::vector<std::shared_ptr<Session>> Close();
  // Drops all sessions; they must not outlive their io_context.
  void Clear();

  // What sessions keep up to date themselves.
  IdleSessions& idle() { return idle_; }
  const std::shared_ptr<AvailabilityCounts>& counts() const { return counts_; }

  // As SessionDirectory promises.
  SessionDirectory::Availability GetAvailability(const std::string& name) const;
  bool IsOwn(const whatsapp::Jid& jid) const;
  // Call when a session's addresses have changed.
  void RefreshOwn();

 private:
  bool IsClosed() const;

  const SessionClocks clocks_;
  IdleSessions idle_;
  const std::shared_ptr<AvailabilityCounts> counts_ =
      std::make_shared<AvailabilityCounts>();

  mutable absl::Mutex mu_;
  // Null: reserved.
  std::map<std::string, std::shared_ptr<Session>> sessions_
      ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;

  mutable absl::Mutex own_mu_;
  absl::flat_hash_set<whatsapp::Jid> own_ ABSL_GUARDED_BY(own_mu_);
};

// [a-z0-9-]{1,63}. Errors: INVALID_ARGUMENT, saying so.
absl::Status CheckSessionName(const std::string& name);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_SESSION_REGISTRY_H_
