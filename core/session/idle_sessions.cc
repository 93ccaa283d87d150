#include "core/session/idle_sessions.h"

#include <iterator>
#include <utility>

namespace portrait {

bool IdleSessions::Add(const std::string& session, Appetite appetite) {
  absl::MutexLock lock(&mu_);
  RemoveLocked(session);
  const bool takes_anything = appetite == Appetite::kAnything;
  if (urgent_waits_ || (anything_waits_ && takes_anything)) {
    urgent_waits_ = false;
    if (takes_anything) anything_waits_ = false;
    return true;
  }
  std::list<std::string>& list = ListOf(appetite);
  places_[session] = {appetite, list.insert(list.end(), session)};
  return false;
}

void IdleSessions::Remove(const std::string& session) {
  absl::MutexLock lock(&mu_);
  RemoveLocked(session);
}

void IdleSessions::RemoveLocked(const std::string& session) {
  const auto found = places_.find(session);
  if (found == places_.end()) return;
  ListOf(found->second.appetite).erase(found->second.position);
  places_.erase(found);
}

std::string IdleSessions::Next(const NewWork& work) {
  absl::MutexLock lock(&mu_);
  std::string next = PopLocked(Appetite::kAnything, work.not_for);
  if (!next.empty()) return next;
  anything_waits_ = true;
  if (!work.urgent) return next;
  next = PopLocked(Appetite::kUrgentOnly, work.not_for);
  if (next.empty()) urgent_waits_ = true;
  return next;
}

std::string IdleSessions::PopLocked(Appetite appetite,
                                    const std::string& except) {
  std::list<std::string>& list = ListOf(appetite);
  auto first = list.begin();
  if (first != list.end() && *first == except) ++first;
  if (first == list.end()) return "";
  std::string session = std::move(*first);
  list.erase(first);
  places_.erase(session);
  return session;
}

}  // namespace portrait
