#include "server/testing/scripted_sessions.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace portrait {
namespace {

constexpr char kSession[] = "alpha";
constexpr char kOwnUser[] = "12025550100";
constexpr size_t kTakeAtOnce = 100;

}  // namespace

ScriptedSessions::ScriptedSessions(Scheduler& work) : work_(work) {
  SetScript([](const ContactTask& task) {
    return Seen(task, absl::StrCat("id-", task.contact.jid.user));
  });
  thread_ = std::thread([this] { Work(); });
}

void ScriptedSessions::SetScript(Script script) {
  absl::MutexLock lock(&mu_);
  script_ = std::move(script);
}

void ScriptedSessions::Work() {
  while (!stop_) {
    std::vector<ContactTask> tasks;
    if (!held_) tasks = work_.Take(kSession, kTakeAtOnce);
    if (tasks.empty()) {
      absl::SleepFor(absl::Milliseconds(1));
      continue;
    }
    taken_ += tasks.size();
    Script script;
    {
      absl::MutexLock lock(&mu_);
      script = script_;
    }
    std::vector<TaskResult> results;
    for (const ContactTask& task : tasks) {
      results.push_back({task.id, script(task)});
    }
    work_.Complete(std::move(results));
  }
}

void ScriptedSessions::Stop(absl::Duration /*timeout*/) {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<PairingObserver> ScriptedSessions::pairing() const {
  absl::MutexLock lock(&mu_);
  return pairing_;
}

std::string ScriptedSessions::pairing_number() const {
  absl::MutexLock lock(&mu_);
  return pairing_number_;
}

absl::StatusOr<std::function<void()>> ScriptedSessions::Pair(
    PairingRequest request, std::shared_ptr<PairingObserver> observer) {
  if (request.session == kSession) {
    return absl::AlreadyExistsError("session alpha exists");
  }
  if (request.session == "Not A Name") {
    return absl::InvalidArgumentError("expected [a-z0-9-]{1,63}");
  }
  absl::MutexLock lock(&mu_);
  pairing_ = std::move(observer);
  pairing_number_ = std::move(request.phone_number);
  return [this] { abandoned_ = true; };
}

absl::StatusOr<PairingQrCode> ScriptedSessions::GetQrCode(
    const std::string& name) const {
  if (name != "beta") return absl::NotFoundError("no such pairing");
  return PairingQrCode{"code of beta", absl::FromUnixSeconds(1'800'000'000)};
}

std::vector<v1::Session> ScriptedSessions::List() const {
  v1::Session session;
  session.set_session(kSession);
  absl::MutexLock lock(&mu_);
  session.set_state(state_);
  return {session};
}

absl::StatusOr<v1::Session> ScriptedSessions::Get(
    const std::string& name) const {
  if (name != kSession) return absl::NotFoundError("no such session");
  return List().front();
}

absl::StatusOr<v1::Session> ScriptedSessions::Pause(const std::string& name) {
  {
    absl::MutexLock lock(&mu_);
    state_ = v1::SESSION_STATE_PAUSED;
  }
  return Get(name);
}

absl::StatusOr<v1::Session> ScriptedSessions::Resume(const std::string& name) {
  {
    absl::MutexLock lock(&mu_);
    state_ = v1::SESSION_STATE_READY;
  }
  return Get(name);
}

absl::StatusOr<v1::Session> ScriptedSessions::SetProxy(
    const std::string& name, const std::string& proxy) {
  RETURN_IF_ERROR(whatsapp::ParseProxy(proxy).status());
  ASSIGN_OR_RETURN(v1::Session session, Get(name));
  session.set_proxy(proxy);
  return session;
}

Secret ScriptedSessions::ProxyOf(const std::string& name) const {
  absl::MutexLock lock(&mu_);
  return Secret(name == "alpha" ? proxy_url_ : "");
}

void ScriptedSessions::SetProxyUrl(const std::string& url) {
  absl::MutexLock lock(&mu_);
  proxy_url_ = url;
}

void ScriptedSessions::Forget(const std::vector<whatsapp::Jid>& contacts) {
  absl::MutexLock lock(&mu_);
  for (const auto& contact : contacts) {
    forgotten_.push_back(contact.ToString());
  }
}

std::vector<std::string> ScriptedSessions::forgotten() const {
  absl::MutexLock lock(&mu_);
  return forgotten_;
}

void ScriptedSessions::Logout(const std::string& name,
                              std::function<void(absl::Status)> done) {
  done(Get(name).status());
}

SessionDirectory::Availability ScriptedSessions::GetAvailability(
    const std::string& /*session*/) const {
  Availability availability;
  availability.linked = availability.ready = linked_ ? 1 : 0;
  if (linked_) availability.next_ready = absl::Now();
  return availability;
}

bool ScriptedSessions::Exists(const std::string& session) const {
  return session == kSession;
}

bool ScriptedSessions::IsOwn(const whatsapp::Jid& jid) const {
  return jid.user == kOwnUser;
}

Observation Seen(const ContactTask& task, const std::string& id) {
  Observation seen;
  seen.jid = task.contact.jid.ToString();
  seen.phone_number = absl::StrCat("+", task.contact.jid.user);
  seen.registration = v1::REGISTRATION_REGISTERED;
  seen.state = v1::PICTURE_STATE_AVAILABLE;
  seen.picture_id = id;
  seen.full_url = PictureUrl{absl::StrCat("https://pps.invalid/", id),
                             absl::Now() + absl::Hours(48)};
  seen.observed_at = absl::Now();
  seen.session = kSession;
  return seen;
}

}  // namespace portrait
