#include "core/session/session_pool.h"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/base/in_flight_count.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/session/connect_pacer.h"
#include "core/session/pairing_run.h"
#include "core/session/sealed_sessions.h"
#include "core/session/session.h"
#include "core/session/session_registry.h"

namespace portrait {
namespace {

namespace asio = boost::asio;

// How long the destructor waits if the owner never called Stop().
constexpr absl::Duration kForgottenStopTimeout = absl::Seconds(5);

absl::Status NoSuchPairing(const std::string& name) {
  return absl::NotFoundError(
      absl::StrCat("no pairing of a session ", name, " is in progress"));
}

absl::Status NoSuchSession(const std::string& name) {
  return absl::NotFoundError(absl::StrCat("there is no session ", name));
}

// As whatsapp::ParseProxy reads it; empty for a direct connection.
Secret UrlWithLogin(const whatsapp::Proxy& proxy) {
  std::string url = proxy.ToString();
  if (proxy.user.empty()) return Secret(std::move(url));
  const auto escape = [](absl::string_view text) {
    std::string escaped;
    for (const char& c : text) {
      absl::StrAppend(&escaped, "%",
                      absl::BytesToHexString(absl::string_view(&c, 1)));
    }
    return escaped;
  };
  url.insert(url.find("//") + 2, absl::StrCat(escape(proxy.user), ":",
                                              escape(proxy.password), "@"));
  return Secret(std::move(url));
}

class SessionPoolImpl : public SessionPool {
 public:
  SessionPoolImpl(asio::io_context& io, SealedSessions& sealed,
                  WorkSource& work, SessionOptions options)
      : io_(io),
        options_(std::move(options)),
        sealed_(sealed),
        pacer_(options_.connects_per_second),
        registry_(std::make_shared<SessionRegistry>(options_.clocks)),
        running_(std::make_shared<InFlightCount>()),
        environment_{options_,
                     work,
                     sealed_,
                     pacer_,
                     *registry_,
                     registry_->idle(),
                     registry_->counts(),
                     running_} {
    // The source may call this after the pool is destroyed: the registry is
    // then empty.
    work.SetWaker([registry = registry_](const NewWork& work) {
      registry->WakeFor(work);
    });
    if (options_.versions != nullptr) {
      options_.versions->SetOnNewer(
          [registry = registry_] { registry->TellOfNewVersion(); });
    }
  }

  ~SessionPoolImpl() override {
    Stop(kForgottenStopTimeout);
    registry_->Clear();
  }

  absl::Status Start() override {
    ASSIGN_OR_RETURN(std::vector<Account> accounts, sealed_.LoadAll());
    for (Account& account : accounts) {
      const auto session = std::make_shared<Session>(
          asio::make_strand(io_), std::move(account), environment_);
      if (!registry_->Add(session)) break;
      session->Start(/*on_settled=*/nullptr);
    }
    return absl::OkStatus();
  }

  void Stop(absl::Duration timeout) override {
    std::vector<std::weak_ptr<PairingRun>> pairings;
    {
      absl::MutexLock lock(&mu_);
      if (std::exchange(stopping_, true)) return;
      pairings.swap(pairings_);
    }
    for (const std::shared_ptr<Session>& session : registry_->Close()) {
      session->Stop();
    }
    for (const std::weak_ptr<PairingRun>& weak : pairings) {
      if (const auto pairing = weak.lock()) pairing->Stop();
    }
    if (!running_->WaitUntilZero(timeout)) {
      LogWarning("sessions: some sessions had not stopped after {}",
                 absl::FormatDuration(timeout));
    }
  }

  absl::StatusOr<std::function<void()>> Pair(
      PairingRequest request,
      std::shared_ptr<PairingObserver> observer) override {
    const std::string& name = request.session;
    if (!name.empty()) RETURN_IF_ERROR(CheckSessionName(name));
    RETURN_IF_ERROR(whatsapp::ParseProxy(request.proxy).status());
    ASSIGN_OR_RETURN(request.session, registry_->Reserve(name));
    const auto pairing = std::make_shared<PairingRun>(
        asio::make_strand(io_), std::move(request), std::move(observer),
        environment_, *registry_, [running = running_] { running->Remove(); });
    {
      absl::MutexLock lock(&mu_);
      if (stopping_) return absl::UnavailableError("shutting down");
      pairings_.erase(
          std::remove_if(pairings_.begin(), pairings_.end(),
                         [](const auto& weak) { return weak.expired(); }),
          pairings_.end());
      pairings_.push_back(pairing);
      running_->Add();
    }
    pairing->Start();
    return [weak = std::weak_ptr<PairingRun>(pairing)] {
      if (const auto pairing = weak.lock()) pairing->Cancel();
    };
  }

  absl::StatusOr<PairingQrCode> GetQrCode(
      const std::string& name) const override {
    if (registry_->Find(name) != nullptr) {
      return absl::AlreadyExistsError(
          absl::StrCat("session ", name, " is linked; it needs no QR code"));
    }
    std::vector<std::weak_ptr<PairingRun>> pairings;
    {
      absl::MutexLock lock(&mu_);
      pairings = pairings_;
    }
    for (const std::weak_ptr<PairingRun>& weak : pairings) {
      const std::shared_ptr<PairingRun> pairing = weak.lock();
      if (pairing != nullptr && pairing->name() == name &&
          !pairing->has_ended()) {
        return pairing->GetQrCode();
      }
    }
    return NoSuchPairing(name);
  }

  std::vector<v1::Session> List() const override {
    std::vector<v1::Session> sessions;
    for (const std::shared_ptr<Session>& session : registry_->All()) {
      sessions.push_back(session->status().Get());
    }
    return sessions;
  }

  absl::StatusOr<v1::Session> Get(const std::string& name) const override {
    const std::shared_ptr<Session> session = registry_->Find(name);
    if (session == nullptr) return NoSuchSession(name);
    return session->status().Get();
  }

  absl::StatusOr<v1::Session> Pause(const std::string& name) override {
    const std::shared_ptr<Session> session = registry_->Find(name);
    if (session == nullptr) return NoSuchSession(name);
    session->Pause();
    return session->status().Get();
  }

  absl::StatusOr<v1::Session> Resume(const std::string& name) override {
    const std::shared_ptr<Session> session = registry_->Find(name);
    if (session == nullptr) return NoSuchSession(name);
    RETURN_IF_ERROR(session->Resume());
    return session->status().Get();
  }

  absl::StatusOr<v1::Session> SetProxy(const std::string& name,
                                       const std::string& proxy) override {
    RETURN_IF_ERROR(whatsapp::ParseProxy(proxy).status());
    const std::shared_ptr<Session> session = registry_->Find(name);
    if (session == nullptr) return NoSuchSession(name);
    session->SetProxy(proxy);
    return session->status().Get();
  }

  Secret ProxyOf(const std::string& name) const override {
    const std::shared_ptr<Session> session = registry_->Find(name);
    if (session == nullptr) return {};
    const Secret own = session->status().proxy_url();
    const auto through = options_.ConnectionThrough(std::string(own.view()));
    if (!through.ok()) return {};
    return UrlWithLogin(through->websocket.proxy);
  }

  void Forget(const std::vector<whatsapp::Jid>& contacts) override {
    for (const std::shared_ptr<Session>& session : registry_->All()) {
      session->Forget(contacts);
    }
  }

  void Logout(const std::string& name,
              std::function<void(absl::Status)> done) override {
    const std::shared_ptr<Session> session = registry_->Find(name);
    if (session != nullptr) {
      session->Logout(std::move(done));
      return;
    }
    asio::post(io_,
               [name, done = std::move(done)] { done(NoSuchSession(name)); });
  }

  Availability GetAvailability(const std::string& session) const override {
    return registry_->GetAvailability(session);
  }
  bool Exists(const std::string& session) const override {
    return registry_->Find(session) != nullptr;
  }
  bool IsOwn(const whatsapp::Jid& jid) const override {
    return registry_->IsOwn(jid);
  }

 private:
  asio::io_context& io_;
  const SessionOptions options_;
  SealedSessions& sealed_;
  ConnectPacer pacer_;
  const std::shared_ptr<SessionRegistry> registry_;
  const std::shared_ptr<InFlightCount> running_;
  const SessionEnvironment environment_;

  mutable absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::weak_ptr<PairingRun>> pairings_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

absl::StatusOr<whatsapp::ConnectionOptions> SessionOptions::ConnectionThrough(
    const std::string& proxy) const {
  whatsapp::ConnectionOptions through = connection;
  if (versions != nullptr) through.version = versions->Get();
  if (!proxy.empty()) {
    ASSIGN_OR_RETURN(through.websocket.proxy, whatsapp::ParseProxy(proxy));
  }
  return through;
}

std::unique_ptr<SessionPool> SessionPool::Make(asio::io_context& io,
                                               SealedSessions& sealed,
                                               WorkSource& work,
                                               SessionOptions options) {
  return std::make_unique<SessionPoolImpl>(io, sealed, work,
                                           std::move(options));
}

}  // namespace portrait
