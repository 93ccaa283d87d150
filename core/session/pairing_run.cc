#include "core/session/pairing_run.h"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"

namespace portrait {
namespace {

namespace asio = boost::asio;

bool Works(v1::SessionState state) {
  return state == v1::SESSION_STATE_READY ||
         state == v1::SESSION_STATE_THROTTLED;
}

}  // namespace

PairingRun::PairingRun(asio::any_io_executor strand, PairingRequest request,
                       std::shared_ptr<PairingObserver> observer,
                       const SessionEnvironment& environment,
                       SessionRegistry& registry,
                       std::function<void()> on_ended)
    : strand_(strand),
      name_(std::move(request.session)),
      phone_number_(std::move(request.phone_number)),
      proxy_(std::move(request.proxy)),
      observer_(std::move(observer)),
      environment_(environment),
      registry_(registry),
      on_ended_(std::move(on_ended)),
      first_login_timer_(strand) {}

void PairingRun::Start() {
  asio::co_spawn(strand_, Run(shared_from_this()), asio::detached);
}

void PairingRun::Stop() {
  stopped_ = true;
  cancelled_ = true;
  asio::post(strand_, [self = shared_from_this()] {
    self->Finish(absl::UnavailableError("shutting down"));
  });
}

asio::awaitable<void> PairingRun::Run(std::shared_ptr<PairingRun> self) {
  absl::Status status = co_await self->LinkAndLogin();
  if (absl::IsCancelled(status) && self->stopped_) {
    status = absl::UnavailableError("shutting down");
  }
  self->Finish(status);
}

asio::awaitable<absl::StatusOr<whatsapp::Device>> PairingRun::Link() {
  CO_ASSIGN_OR_RETURN(whatsapp::ConnectionOptions options,
                      environment_.options.ConnectionThrough(proxy_));
  if (phone_number_.empty()) {
    co_return co_await whatsapp::PairByQrCode(strand_, std::move(options),
                                              this);
  }
  co_return co_await whatsapp::PairByPhoneCode(strand_, std::move(options),
                                               phone_number_, this);
}

asio::awaitable<absl::Status> PairingRun::LinkAndLogin() {
  // 1. Show codes until a phone has used one and its proof is valid.
  absl::StatusOr<whatsapp::Device> device = co_await Link();
  SetQrCode({});
  if (!device.ok()) co_return device.status();
  if (on_ended_ == nullptr) co_return absl::UnavailableError("shutting down");

  // 2. The account is linked. Store its keys first: without them it would be
  // lost.
  LogInfo("session {} ({}): linked", name_,
          Masked(device->jid.WithoutDevice().ToString()));
  Account account = {
      .name = name_, .device = *std::move(device), .proxy = proxy_};
  const absl::Status saved = environment_.sealed.Save(account);
  if (!saved.ok()) {
    co_return absl::Status(
        saved.code(),
        absl::StrCat(
            "the account is linked, but its keys could not be stored: ",
            saved.message(), "; remove the device on the phone"));
  }
  session_ =
      std::make_shared<Session>(strand_, std::move(account), environment_);
  if (!registry_.Add(session_)) {
    co_return absl::UnavailableError("shutting down");
  }

  // 3. The session logs in, as it will from now on.
  first_login_timer_.expires_after(absl::ToChronoNanoseconds(kFirstLoginTime));
  session_->Start([self = shared_from_this()] {
    self->settled_ = true;
    self->first_login_timer_.cancel();
  });
  while (!settled_) {
    boost::system::error_code ec;
    co_await first_login_timer_.async_wait(
        asio::redirect_error(asio::use_awaitable, ec));
    if (!ec) break;
  }
  const v1::Session seen = session_->status().Get();
  if (Works(session_->status().state())) co_return absl::OkStatus();
  co_return absl::UnavailableError(absl::StrCat(
      "the account is linked and stored as session ", name_,
      ", but its first login did not succeed: ", seen.state_reason()));
}

void PairingRun::Finish(const absl::Status& status) {
  if (on_ended_ == nullptr) return;
  // The name is released before the callback, because the observer may reuse it
  // at once.
  registry_.Release(name_);
  ended_ = true;
  if (!status.ok()) {
    LogInfo("session {}: pairing ended: {}", name_, status.ToString());
    observer_->OnFailed(status);
  } else {
    observer_->OnPaired(session_->status().Get());
  }
  std::exchange(on_ended_, nullptr)();
}

void PairingRun::OnQrCode(const std::string& text, absl::Time expires_at) {
  if (on_ended_ == nullptr || cancelled_) return;
  // Set first: an observer who hears of a code may ask for it.
  SetQrCode({text, expires_at});
  observer_->OnQrCode(text, expires_at);
}

void PairingRun::SetQrCode(PairingQrCode code) {
  absl::MutexLock lock(&mu_);
  qr_code_ = std::move(code);
}

absl::StatusOr<PairingQrCode> PairingRun::GetQrCode() const {
  if (!phone_number_.empty()) {
    return absl::NotFoundError(
        absl::StrCat("the pairing of session ", name_,
                     " has no QR code, but a code to type into the phone"));
  }
  absl::MutexLock lock(&mu_);
  if (qr_code_.text.empty()) {
    return absl::UnavailableError(absl::StrCat(
        "WhatsApp has not sent a QR code for session ", name_, " yet"));
  }
  return qr_code_;
}

void PairingRun::OnPairingCode(const std::string& code, absl::Time expires_at) {
  if (on_ended_ != nullptr && !cancelled_) {
    observer_->OnPairingCode(code, expires_at);
  }
}

absl::Status PairingRun::MayLink(const whatsapp::Jid& account) {
  const std::string linked_as = registry_.FindLinked(account);
  if (linked_as.empty()) return absl::OkStatus();
  // Two sessions of one account would share its rate limits without knowing of
  // each other.
  return absl::AlreadyExistsError(
      absl::StrCat("pairing: this account is linked already, as session ",
                   linked_as, "; log that out first, or link another account"));
}

}  // namespace portrait
