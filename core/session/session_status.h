// SessionStatus is what the rest of the process sees of one session.
#ifndef PORTRAIT_CORE_SESSION_SESSION_STATUS_H_
#define PORTRAIT_CORE_SESSION_SESSION_STATUS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/session/availability_counts.h"
#include "core/session/session_clocks.h"
#include "core/whatsapp/device.h"
#include "core/work/session_directory.h"
#include "portrait/v1/session.pb.h"

namespace portrait {

// Written by the session, read by anyone. Thread-safe.
class SessionStatus {
 public:
  // Tells `counts` when it may take work.
  SessionStatus(std::string name, SessionClocks clocks,
                std::shared_ptr<AvailabilityCounts> counts);

  const std::string& name() const { return name_; }

  void SetDevice(const whatsapp::Device& device);
  // As Device::proxy; also set by SetDevice.
  void SetProxy(const std::string& url);
  // What the connection does. `resume_at`: when it goes on by itself, by the
  // steady clock; InfiniteFuture: not before somebody helps.
  void SetState(v1::SessionState state, std::string reason,
                absl::Time resume_at);
  // WhatsApp wants no queries before then (steady clock), though the connection
  // stands.
  void SetThrottledUntil(absl::Time until);
  // An operator's wish; laid over what the connection does.
  void SetPaused(bool paused);
  void AddCounts(uint64_t lookups, uint64_t failures);
  // `lookups_per_second` 0: no limit.
  void SetLoad(size_t contacts_in_hand, double lookups_per_second);

  v1::Session Get() const;
  v1::SessionState state() const;  // the connection's own
  bool paused() const;
  // `next_ready` is of the steady clock.
  SessionDirectory::Availability GetAvailability() const;
  // Own addresses without device; empty users while not known.
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
  // The fields that do not depend on the time; Get() adds the others.
  v1::Session session_ ABSL_GUARDED_BY(mu_);
  // Of the steady clock.
  absl::Time resume_at_ ABSL_GUARDED_BY(mu_) = absl::InfiniteFuture();
  absl::Time throttled_until_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  // Of the wall clock.
  absl::Time throttled_since_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  bool paused_ ABSL_GUARDED_BY(mu_) = false;
  absl::Time paused_at_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_SESSION_STATUS_H_
