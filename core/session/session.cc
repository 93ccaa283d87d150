#include "core/session/session.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/session/metered_client.h"
#include "core/session/session_registry.h"

namespace portrait {
namespace {

namespace asio = boost::asio;
using whatsapp::StreamEnd;

// The longest timer; a session with a longer wait sets several in a row.
constexpr absl::Duration kMaxTimer = absl::Hours(1);

QueryLimits LimitsOf(const SessionOptions& options) {
  return {.usync = RateLimiter(options.usync_per_second, options.clocks.steady),
          .pictures =
              RateLimiter(options.pictures_per_second, options.clocks.steady),
          .lid = RateLimiter(0, options.clocks.steady),
          .business = RateLimiter(0, options.clocks.steady)};
}

std::string StateName(v1::SessionState state) {
  return std::string(
      absl::StripPrefix(v1::SessionState_Name(state), "SESSION_STATE_"));
}

}  // namespace

Session::Session(asio::any_io_executor strand, Account account,
                 const SessionEnvironment& environment)
    : strand_(strand),
      environment_(environment),
      status_(account.name, environment.options.clocks, environment.counts),
      account_(std::move(account)),
      memory_{.limits = LimitsOf(environment.options)},
      wait_timer_(strand) {
  status_.SetDevice(account_.device);
  status_.SetProxy(account_.proxy);
  status_.SetPaused(account_.paused);
}

Session::~Session() = default;

// ---- called from any thread ------------------------------------------------

void Session::Start(std::function<void()> on_settled) {
  environment_.running->Add();
  asio::post(strand_, [self = shared_from_this(),
                       on_settled = std::move(on_settled)]() mutable {
    self->on_settled_ = std::move(on_settled);
    asio::co_spawn(self->strand_, Run(self), asio::detached);
  });
}

void Session::Poke() {
  if (poked_.exchange(true)) return;
  asio::post(strand_, [self = shared_from_this()] {
    self->poked_ = false;
    const bool offered = self->offered_.exchange(false);
    std::optional<Appetite> looked;
    if (self->worker_ != nullptr) looked = self->worker_->Pump();
    if (!offered || self->ended_ || looked == Appetite::kAnything) return;
    self->environment_.registry.WakeFor({.urgent = !looked.has_value()});
  });
}

void Session::Offer() {
  offered_ = true;
  Poke();
}

void Session::Pause() {
  status_.SetPaused(true);
  asio::post(strand_, [self = shared_from_this()] { self->OnPaused(true); });
}

absl::Status Session::Resume() {
  if (status_.state() == v1::SESSION_STATE_LOGGED_OUT) {
    return absl::FailedPreconditionError(
        absl::StrCat("session ", status_.name(),
                     " was unlinked from its account: log it out (portrait "
                     "session logout) and pair it again"));
  }
  status_.SetPaused(false);
  asio::post(strand_, [self = shared_from_this()] {
    self->OnPaused(false);
    self->TryAgain();
  });
  return absl::OkStatus();
}

void Session::SetProxy(std::string proxy) {
  status_.SetProxy(proxy);
  asio::post(strand_,
             [self = shared_from_this(), proxy = std::move(proxy)]() mutable {
               self->OnProxy(std::move(proxy));
             });
}

void Session::Forget(std::vector<whatsapp::Jid> contacts) {
  asio::post(strand_,
             [self = shared_from_this(), contacts = std::move(contacts)] {
               self->OnForget(contacts);
             });
}

void Session::OnNewVersion() {
  asio::post(strand_, [self = shared_from_this()] {
    if (self->status_.state() == v1::SESSION_STATE_OUTDATED) self->TryAgain();
  });
}

void Session::Logout(std::function<void(absl::Status)> done) {
  asio::post(strand_,
             [self = shared_from_this(), done = std::move(done)]() mutable {
               if (self->ended_ || self->wish_ == Wish::kStop) {
                 done(absl::UnavailableError("shutting down"));
                 return;
               }
               self->on_logged_out_.push_back(std::move(done));
               self->OnWish(Wish::kLogout);
             });
}

void Session::Stop() {
  asio::post(strand_,
             [self = shared_from_this()] { self->OnWish(Wish::kStop); });
}

// ---- on the strand ---------------------------------------------------------

asio::awaitable<void> Session::Run(std::shared_ptr<Session> self) {
  const SessionClocks& clocks = self->environment_.options.clocks;
  // 1. A banned account does not connect before the ban ends.
  const absl::Duration ban = BanLeft(self->account_, clocks.wall());
  if (ban > absl::ZeroDuration()) {
    const absl::Time end = clocks.steady() + ban;
    self->SetState(v1::SESSION_STATE_BANNED, self->account_.ban_reason, end);
    self->Settle();
    co_await self->WaitUntil(end);
  }
  while (true) {
    while (self->wish_ == Wish::kRun) {
      // 2. Wait for a turn, so that sessions do not all connect at once.
      // Connect, log in, and work until the stream ends.
      co_await self->WaitUntil(
          self->environment_.pacer.TakeTurn(clocks.steady()));
      if (self->wish_ != Wish::kRun) break;
      const Connected connected = co_await self->ConnectAndWork();
      if (self->wish_ != Wish::kRun) break;
      // 3. The end of the stream determines when to reconnect, if at all.
      const absl::Time resume_at = self->React(connected);
      // 4. Wait until then, or for an operator's call.
      co_await self->WaitUntil(resume_at);
    }
    // 5. The session was told to end. If the keys cannot be erased, it stays
    // visible to the operator, although they are worthless now.
    if (self->wish_ == Wish::kStop || self->EraseKeys()) break;
    self->wish_ = Wish::kRun;
    co_await self->WaitUntil(absl::InfiniteFuture());
  }
  self->Finish();
}

asio::awaitable<absl::StatusOr<std::unique_ptr<whatsapp::Client>>>
Session::Login(StreamEnd* refused) {
  CO_ASSIGN_OR_RETURN(whatsapp::ConnectionOptions connection,
                      environment_.options.ConnectionThrough(account_.proxy));
  announced_ = connection.version;
  co_return co_await whatsapp::Client::Login(strand_, std::move(connection),
                                             account_.device, this, refused);
}

asio::awaitable<Session::Connected> Session::ConnectAndWork() {
  const SessionOptions& options = environment_.options;
  Connected connected;
  SetState(v1::SESSION_STATE_CONNECTING, "connecting", options.clocks.steady());
  account_.banned_until = absl::UnixEpoch();
  account_.ban_length = absl::ZeroDuration();
  account_.ban_reason.clear();
  // A login cannot be interrupted. If the session was told to stop meanwhile,
  // it has ended when the login returns and must not use borrowed objects.
  logging_in_ = true;
  to_forget_.clear();
  const std::string proxy = account_.proxy;
  absl::StatusOr<std::unique_ptr<whatsapp::Client>> client =
      co_await Login(&connected.end);
  logging_in_ = false;
  if (!client.ok()) {
    if (connected.end.reason.empty()) {
      connected.end.reason = std::string(client.status().message());
    }
    if (wish_ == Wish::kLogout) WarnNotUnlinked(connected.end.reason);
    co_return connected;
  }
  if (wish_ == Wish::kStop || account_.proxy != proxy) {
    (*client)->Close();
    co_return connected;
  }
  const absl::Time since = options.clocks.steady();
  connected.end = co_await Work(Metered(*std::move(client), options.observer));
  connected.lasted = options.clocks.steady() - since;
  co_return connected;
}

asio::awaitable<StreamEnd> Session::Work(
    std::unique_ptr<whatsapp::Client> client) {
  worker_ = std::make_shared<QueryWorker>(
      strand_, std::move(client), environment_.options, environment_.work,
      environment_.idle, memory_, status_);
  const std::shared_ptr<QueryWorker> worker = worker_;
  OnForget(std::exchange(to_forget_, {}));
  SetState(v1::SESSION_STATE_READY, "", absl::InfiniteFuture());
  Settle();
  if (wish_ == Wish::kRun) {
    worker->Pump();
  } else {
    OnWish(wish_);
  }
  StreamEnd end = co_await worker->client().WaitUntilEnded();
  // Other sessions take over the tasks of this session.
  SetState(v1::SESSION_STATE_CONNECTING, "disconnected",
           environment_.options.clocks.steady());
  worker->Stop();
  co_await worker->WaitUntilIdle();
  worker_.reset();
  co_return end;
}

absl::Time Session::React(const Connected& connected) {
  if (unsaved_) Save();
  StreamEndEffect effect = EffectOf(
      connected.end, backoff_.Next(connected.end.kind, connected.lasted));
  if (effect.state == v1::SESSION_STATE_OUTDATED) {
    effect = EffectOfRefusedVersion(std::move(effect));
  }
  const absl::Time resume_at =
      environment_.options.clocks.steady() + effect.wait;
  if (effect.state == v1::SESSION_STATE_BANNED &&
      resume_at != absl::InfiniteFuture()) {
    // Stored, so that a restart of the process does not end the ban.
    account_.banned_until = environment_.options.clocks.ToWall(resume_at);
    account_.ban_length = effect.wait;
    account_.ban_reason = effect.reason;
    Save();
  }
  SetState(effect.state, std::move(effect.reason), resume_at);
  if (resume_at == absl::InfiniteFuture()) Settle();
  return resume_at;
}

StreamEndEffect Session::EffectOfRefusedVersion(StreamEndEffect effect) {
  VersionKeeper* const versions = environment_.options.versions;
  if (versions != nullptr && versions->OnRefused(announced_)) {
    return {v1::SESSION_STATE_CONNECTING,
            "reconnecting with a newer client version", absl::ZeroDuration()};
  }
  absl::StrAppend(
      &effect.reason, " (", announced_.ToString(), "); ",
      versions != nullptr && versions->keeps_up()
          ? "the server is looking for a newer version; you can also set one"
          : "set a newer version",
      " with --whatsapp-version");
  return effect;
}

asio::awaitable<void> Session::WaitUntil(absl::Time time) {
  woken_ = wish_ != Wish::kRun;
  while (!woken_) {
    const absl::Duration left = time - environment_.options.clocks.steady();
    if (left <= absl::ZeroDuration()) break;
    boost::system::error_code ec;
    wait_timer_.expires_after(
        absl::ToChronoNanoseconds(std::min(left, kMaxTimer)));
    co_await wait_timer_.async_wait(
        asio::redirect_error(asio::use_awaitable, ec));
  }
}

bool Session::EraseKeys() {
  const absl::Status erased = environment_.sealed.Erase(status_.name());
  unsaved_ = false;
  SetState(v1::SESSION_STATE_LOGGED_OUT,
           erased.ok() ? "logged out"
                       : absl::StrCat("logged out, but its keys could not be "
                                      "erased: ",
                                      erased.message()),
           absl::InfiniteFuture());
  if (erased.ok()) environment_.registry.Remove(status_.name());
  for (const auto& done : std::exchange(on_logged_out_, {})) done(erased);
  return erased.ok();
}

void Session::Finish() {
  if (ended_) return;
  if (unsaved_) Save();
  for (const auto& done : std::exchange(on_logged_out_, {})) {
    done(absl::UnavailableError("shutting down"));
  }
  Settle();
  ended_ = true;
  // The pool may be destroyed as soon as the count is zero.
  const std::shared_ptr<InFlightCount> running = environment_.running;
  running->Remove();
}

void Session::Settle() {
  if (on_settled_ != nullptr) std::exchange(on_settled_, nullptr)();
}

void Session::SetState(v1::SessionState state, std::string reason,
                       absl::Time resume_at) {
  if (status_.state() != state || state != v1::SESSION_STATE_CONNECTING) {
    LogInfo("session {} ({}): {}{}{}", status_.name(),
            Masked(account_.device.jid.WithoutDevice().ToString()),
            StateName(state), reason.empty() ? "" : ": ", reason);
  }
  status_.SetState(state, std::move(reason), resume_at);
}

void Session::Save() {
  const absl::Status saved = environment_.sealed.Save(account_);
  unsaved_ = !saved.ok();
  if (!saved.ok()) {
    LogError("session {}: could not store its keys: {}", status_.name(),
             saved.ToString());
  }
}

}  // namespace portrait
