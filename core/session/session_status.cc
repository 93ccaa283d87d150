#include "core/session/session_status.h"

#include <algorithm>
#include <utility>

#include "core/base/proto_time.h"
#include "core/whatsapp/proxy.h"

namespace portrait {

SessionStatus::SessionStatus(std::string name, SessionClocks clocks,
                             std::shared_ptr<AvailabilityCounts> counts)
    : name_(std::move(name)),
      clocks_(std::move(clocks)),
      counts_(std::move(counts)) {
  session_.set_session(name_);
  SetState(v1::SESSION_STATE_CONNECTING, "starting", clocks_.steady());
}

void SessionStatus::SetDevice(const whatsapp::Device& device) {
  absl::MutexLock lock(&mu_);
  jid_ = device.jid.WithoutDevice();
  lid_ = device.lid.WithoutDevice();
  session_.set_jid(device.jid.ToString());
  session_.set_lid(device.lid.user.empty() ? "" : device.lid.ToString());
  session_.set_push_name(device.push_name);
  *session_.mutable_pair_time() = ToProto(device.paired_at);
}

Secret SessionStatus::proxy_url() const {
  absl::MutexLock lock(&mu_);
  return proxy_url_;
}

void SessionStatus::SetProxy(const std::string& url) {
  const absl::StatusOr<whatsapp::Proxy> proxy = whatsapp::ParseProxy(url);
  std::string shown = proxy.ok() ? proxy->ToString() : "unreadable";
  if (url == "direct") shown = url;
  absl::MutexLock lock(&mu_);
  session_.set_proxy(std::move(shown));
  proxy_url_ = Secret(absl::string_view(url));
}

void SessionStatus::SetState(v1::SessionState state, std::string reason,
                             absl::Time resume_at) {
  const absl::Time now = clocks_.wall();
  {
    absl::MutexLock lock(&mu_);
    if (session_.state() != state || !session_.has_state_time()) {
      *session_.mutable_state_time() = ToProto(now);
    }
    session_.set_state(state);
    session_.set_state_reason(std::move(reason));
    resume_at_ = resume_at;
  }
  TellCounts();
}

void SessionStatus::SetThrottledUntil(absl::Time until) {
  {
    absl::MutexLock lock(&mu_);
    if (throttled_until_ <= clocks_.steady()) {
      throttled_since_ = clocks_.wall();
    }
    throttled_until_ = std::max(throttled_until_, until);
  }
  TellCounts();
}

void SessionStatus::SetPaused(bool paused) {
  const absl::Time now = clocks_.wall();
  {
    absl::MutexLock lock(&mu_);
    if (paused && !paused_) paused_at_ = now;
    paused_ = paused;
  }
  TellCounts();
}

void SessionStatus::AddCounts(uint64_t lookups, uint64_t failures) {
  absl::MutexLock lock(&mu_);
  session_.set_lookups(session_.lookups() + lookups);
  session_.set_failures(session_.failures() + failures);
}

void SessionStatus::SetLoad(size_t contacts_in_hand,
                            double lookups_per_second) {
  absl::MutexLock lock(&mu_);
  session_.set_in_flight(static_cast<uint32_t>(contacts_in_hand));
  session_.set_lookups_per_second_limit(lookups_per_second);
}

v1::Session SessionStatus::Get() const {
  const absl::Time now = clocks_.steady();
  absl::MutexLock lock(&mu_);
  v1::Session session = session_;
  const bool works = session.state() == v1::SESSION_STATE_READY;
  const bool waits_for_whatsapp =
      session.state() == v1::SESSION_STATE_THROTTLED ||
      session.state() == v1::SESSION_STATE_BANNED;
  if (waits_for_whatsapp && resume_at_ != absl::InfiniteFuture()) {
    *session.mutable_resume_time() = ToProto(clocks_.ToWall(resume_at_));
  }
  if (paused_ && (works || session.state() == v1::SESSION_STATE_THROTTLED ||
                  session.state() == v1::SESSION_STATE_CONNECTING)) {
    session.set_state(v1::SESSION_STATE_PAUSED);
    session.set_state_reason("paused by an operator");
    *session.mutable_state_time() = ToProto(paused_at_);
    session.clear_resume_time();
  } else if (works && throttled_until_ > now) {
    session.set_state(v1::SESSION_STATE_THROTTLED);
    session.set_state_reason("WhatsApp asks for a pause between queries");
    *session.mutable_state_time() = ToProto(throttled_since_);
    *session.mutable_resume_time() = ToProto(clocks_.ToWall(throttled_until_));
  }
  return session;
}

v1::SessionState SessionStatus::state() const {
  absl::MutexLock lock(&mu_);
  return session_.state();
}

bool SessionStatus::paused() const {
  absl::MutexLock lock(&mu_);
  return paused_;
}

SessionDirectory::Availability SessionStatus::GetAvailability() const {
  const absl::Time now = clocks_.steady();
  absl::MutexLock lock(&mu_);
  return ReadinessLocked().At(now);
}

Readiness SessionStatus::ReadinessLocked() const {
  if (paused_) return {};
  switch (session_.state()) {
    case v1::SESSION_STATE_READY:
      return {.kind = Readiness::Kind::kLoggedIn, .time = throttled_until_};
    case v1::SESSION_STATE_CONNECTING:
    case v1::SESSION_STATE_THROTTLED:
    case v1::SESSION_STATE_BANNED:
      if (resume_at_ == absl::InfiniteFuture()) return {};
      return {.kind = Readiness::Kind::kAway, .time = resume_at_};
    default:
      return {};
  }
}

void SessionStatus::TellCounts() {
  Readiness readiness;
  {
    absl::MutexLock lock(&mu_);
    readiness = ReadinessLocked();
    readiness.version = counts_->NextVersion();
  }
  counts_->Set(name_, readiness);
}

whatsapp::Jid SessionStatus::own_pn() const {
  absl::MutexLock lock(&mu_);
  return jid_;
}

whatsapp::Jid SessionStatus::own_lid() const {
  absl::MutexLock lock(&mu_);
  return lid_;
}

}  // namespace portrait
