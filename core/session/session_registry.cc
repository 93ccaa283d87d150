#include "core/session/session_registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

constexpr size_t kMaxNameBytes = 63;

}  // namespace

absl::StatusOr<std::string> SessionRegistry::Reserve(const std::string& name) {
  absl::MutexLock lock(&mu_);
  if (closed_) return absl::UnavailableError("shutting down");
  if (sessions_.contains(name)) {
    return absl::AlreadyExistsError(
        absl::StrCat("session ", name, " exists or is being paired"));
  }
  const auto pairings =
      std::count_if(sessions_.begin(), sessions_.end(),
                    [](const auto& entry) { return entry.second == nullptr; });
  if (static_cast<size_t>(pairings) >= kMaxPairings) {
    return absl::ResourceExhaustedError(
        absl::StrCat("at most ", kMaxPairings, " pairings at once"));
  }
  if (sessions_.size() >= kMaxSessions) {
    return absl::ResourceExhaustedError(
        absl::StrCat("at most ", kMaxSessions, " sessions"));
  }
  std::string reserved = name;
  for (int i = 1; reserved.empty() || sessions_.contains(reserved); ++i) {
    reserved = absl::StrCat("session-", i);
  }
  sessions_[reserved] = nullptr;
  return reserved;
}

void SessionRegistry::Release(const std::string& name) {
  absl::MutexLock lock(&mu_);
  const auto it = sessions_.find(name);
  if (it != sessions_.end() && it->second == nullptr) sessions_.erase(it);
}

bool SessionRegistry::Add(std::shared_ptr<Session> session) {
  {
    absl::MutexLock lock(&mu_);
    if (closed_) return false;
    const std::string name = session->status().name();
    sessions_[name] = std::move(session);
  }
  RefreshOwn();
  return true;
}

void SessionRegistry::Remove(const std::string& name) {
  std::shared_ptr<Session> removed;
  {
    absl::MutexLock lock(&mu_);
    const auto it = sessions_.find(name);
    if (it == sessions_.end()) return;
    removed = std::move(it->second);
    sessions_.erase(it);
  }
  idle_.Remove(name);
  counts_->Remove(name);
  RefreshOwn();
}

std::shared_ptr<Session> SessionRegistry::Find(const std::string& name) const {
  absl::ReaderMutexLock lock(&mu_);
  const auto it = sessions_.find(name);
  return it == sessions_.end() ? nullptr : it->second;
}

std::vector<std::shared_ptr<Session>> SessionRegistry::All() const {
  std::vector<std::shared_ptr<Session>> all;
  absl::ReaderMutexLock lock(&mu_);
  for (const auto& [name, session] : sessions_) {
    if (session != nullptr) all.push_back(session);
  }
  return all;
}

std::string SessionRegistry::FindLinked(const whatsapp::Jid& account) const {
  for (const std::shared_ptr<Session>& session : All()) {
    const SessionStatus& status = session->status();
    if (status.own_pn() == account &&
        status.state() != v1::SESSION_STATE_LOGGED_OUT) {
      return status.name();
    }
  }
  return "";
}

void SessionRegistry::WakeFor(const NewWork& work) {
  if (!work.session.empty()) {
    const std::shared_ptr<Session> session = Find(work.session);
    if (session != nullptr && !IsClosed()) session->Poke();
    return;
  }
  // A session that has just ended is skipped.
  while (!IsClosed()) {
    const std::string next = idle_.Next(work);
    if (next.empty()) return;
    const std::shared_ptr<Session> session = Find(next);
    if (session == nullptr) continue;
    session->Offer();
    return;
  }
}

bool SessionRegistry::IsClosed() const {
  absl::ReaderMutexLock lock(&mu_);
  return closed_;
}

void SessionRegistry::TellOfNewVersion() const {
  absl::ReaderMutexLock lock(&mu_);
  if (closed_) return;
  for (const auto& [name, session] : sessions_) {
    if (session != nullptr) session->OnNewVersion();
  }
}

std::vector<std::shared_ptr<Session>> SessionRegistry::Close() {
  {
    absl::MutexLock lock(&mu_);
    closed_ = true;
  }
  return All();
}

void SessionRegistry::Clear() {
  std::map<std::string, std::shared_ptr<Session>> cleared;
  {
    absl::MutexLock lock(&mu_);
    cleared.swap(sessions_);
  }
}

SessionDirectory::Availability SessionRegistry::GetAvailability(
    const std::string& name) const {
  SessionDirectory::Availability availability;
  if (name.empty()) {
    availability = counts_->Get(clocks_.steady());
  } else if (const std::shared_ptr<Session> session = Find(name)) {
    availability = session->status().GetAvailability();
  }
  availability.next_ready = clocks_.ToWall(availability.next_ready);
  return availability;
}

bool SessionRegistry::IsOwn(const whatsapp::Jid& jid) const {
  absl::ReaderMutexLock lock(&own_mu_);
  return own_.contains(jid);
}

void SessionRegistry::RefreshOwn() {
  absl::flat_hash_set<whatsapp::Jid> own;
  for (const std::shared_ptr<Session>& session : All()) {
    own.insert(session->status().own_pn());
    const whatsapp::Jid lid = session->status().own_lid();
    if (!lid.user.empty()) own.insert(lid);
  }
  absl::MutexLock lock(&own_mu_);
  own_ = std::move(own);
}

absl::Status CheckSessionName(const std::string& name) {
  const bool fits = !name.empty() && name.size() <= kMaxNameBytes;
  const bool reads = std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
  });
  if (fits && reads) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("session: a name has 1 to ", kMaxNameBytes,
                   " characters of a-z, 0-9 and -"));
}

}  // namespace portrait
