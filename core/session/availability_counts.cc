#include "core/session/availability_counts.h"

#include <algorithm>

namespace portrait {
namespace {

// The usual duration of a login: the retry delay of callers that arrive during
// a login.
constexpr absl::Duration kLoginTime = absl::Seconds(1);

}  // namespace

SessionDirectory::Availability Readiness::At(absl::Time now) const {
  SessionDirectory::Availability result;
  if (kind == Kind::kUnlinked) return result;
  result.linked = 1;
  if (kind == Kind::kAway) {
    result.next_ready = std::max(time, now) + kLoginTime;
    return result;
  }
  result.ready = time <= now ? 1 : 0;
  result.next_ready = std::max(time, now);
  return result;
}

void AvailabilityCounts::Set(const std::string& session,
                             const Readiness& readiness) {
  absl::MutexLock lock(&mu_);
  Readiness& known = sessions_[session];
  if (readiness.version < known.version) return;
  RemoveLocked(session, known);
  known = readiness;
  AddLocked(session, readiness);
}

void AvailabilityCounts::Remove(const std::string& session) {
  absl::MutexLock lock(&mu_);
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  RemoveLocked(session, found->second);
  sessions_.erase(found);
}

void AvailabilityCounts::AddLocked(const std::string& session,
                                   const Readiness& readiness) {
  if (readiness.kind == Readiness::Kind::kAway) {
    away_.insert({readiness.time, session});
  } else if (readiness.kind == Readiness::Kind::kLoggedIn) {
    waiting_.insert({readiness.time, session});
  }
}

void AvailabilityCounts::RemoveLocked(const std::string& session,
                                      const Readiness& readiness) {
  for (ByTime* const sessions : {&away_, &waiting_, &ready_}) {
    sessions->erase({readiness.time, session});
  }
}

SessionDirectory::Availability AvailabilityCounts::Get(absl::Time now) {
  SessionDirectory::Availability result;
  absl::MutexLock lock(&mu_);
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    ready_.insert(waiting_.extract(waiting_.begin()));
  }
  result.linked =
      static_cast<uint32_t>(away_.size() + waiting_.size() + ready_.size());
  result.ready = static_cast<uint32_t>(ready_.size());
  if (result.ready > 0) {
    result.next_ready = now;
    return result;
  }
  if (!waiting_.empty()) result.next_ready = waiting_.begin()->first;
  if (!away_.empty()) {
    const absl::Time back = std::max(away_.begin()->first, now) + kLoginTime;
    result.next_ready = std::min(result.next_ready, back);
  }
  return result;
}

}  // namespace portrait
