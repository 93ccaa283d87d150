// SessionStatus is the state of one session as the rest of the process sees it.
#ifndef PORTRAIT_CORE_SESSION_SESSION_STATUS_H_
#define PORTRAIT_CORE_SESSION_SESSION_STATUS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/base/secret.h"
#include "core/session/availability_counts.h"
#include "core/session/session_clocks.h"
#include "core/whatsapp/device.h"
#include "core/work/session_directory.h"
#include "portrait/v1/session.pb.h"

namespace portrait {

// Written by the session, read by any thread. Thread-safe.
class SessionStatus {
 public:
  // Updates `counts` when the session's readiness changes.
  SessionStatus(std::string name, SessionClocks clocks,
                std::shared_ptr<AvailabilityCounts> counts);

  const std::string& name() const { return name_; }

  void SetDevice(const whatsapp::Device& device);
  // Sets the value of Account::proxy.
  void SetProxy(const std::string& url);
  // That value, with its credentials.
  Secret proxy_url() const;
  // Sets the connection's state. `resume_at`: when it continues on its own, by
  // the steady clock; InfiniteFuture: only after an operator's call.
  void SetState(v1::SessionState state, std::string reason,
                absl::Time resume_at);
  // WhatsApp allows no queries before then (steady clock), although the session
  // is connected.
  void SetThrottledUntil(absl::Time until);
  // An operator's pause, which hides the connection's state.
  void SetPaused(bool paused);
  void AddCounts(uint64_t lookups, uint64_t failures);
  // `lookups_per_second` 0: no limit.
  void SetLoad(size_t contacts_in_hand, double lookups_per_second);

  v1::Session Get() const;
  v1::SessionState state() const;  // the connection's state, without a pause
  bool paused() const;
  // `next_ready` is a time of the steady clock.
  SessionDirectory::Availability GetAvailability() const;
  // The account's own addresses without device; empty users until they are
  // known.
  whatsapp::Jid own_pn() const;
  whatsapp::Jid own_lid() const;

 private:
  Readiness ReadinessLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void TellCounts();

  const std::string name_;
  const SessionClocks clocks_;
  const std::shared_ptr<AvailabilityCounts> counts_;

  mutable absl::Mutex mu_;
  whatsapp::Jid jid_ ABSL_GUARDED_BY(mu_);
  whatsapp::Jid lid_ ABSL_GUARDED_BY(mu_);
  Secret proxy_url_ ABSL_GUARDED_BY(mu_);
  // The fields that do not depend on the time; Get() adds the others.
  v1::Session session_ ABSL_GUARDED_BY(mu_);
  // A time of the steady clock.
  absl::Time resume_at_ ABSL_GUARDED_BY(mu_) = absl::InfiniteFuture();
  absl::Time throttled_until_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  // A time of the wall clock.
  absl::Time throttled_since_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  bool paused_ ABSL_GUARDED_BY(mu_) = false;
  absl::Time paused_at_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_SESSION_STATUS_H_
