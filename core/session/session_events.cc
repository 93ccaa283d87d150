// Events of a running session, from operators and from its client; all handlers
// run on the strand.
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "core/base/telemetry.h"
#include "core/session/session.h"
#include "core/session/session_registry.h"

namespace portrait {

namespace asio = boost::asio;

// ---- operators -------------------------------------------------------------

void Session::WakeUp() {
  woken_ = true;
  wait_timer_.cancel();
}

void Session::TryAgain() {
  backoff_.Reset();
  WakeUp();
}

void Session::OnWish(Wish wish) {
  if (ended_) return;
  if (wish_ != Wish::kStop) wish_ = wish;
  WakeUp();
  if (worker_ != nullptr) {
    // Counted, because the stream may end by itself and the session with it:
    // the pool, which owns the options, must not be destroyed before this is
    // over.
    environment_.running->Add();
    asio::co_spawn(strand_, Disconnect(shared_from_this(), worker_, wish_),
                   [running = environment_.running](std::exception_ptr) {
                     running->Remove();
                   });
  } else if (logging_in_ && wish_ == Wish::kStop) {
    Finish();
  } else if (wish_ == Wish::kLogout && !logging_in_) {
    WarnNotUnlinked("it is not connected");
  }
}

void Session::OnPaused(bool paused) {
  if (ended_) return;
  if (std::exchange(account_.paused, paused) != paused) Save();
  if (worker_ != nullptr) worker_->Pump();
}

void Session::OnProxy(std::string proxy) {
  if (ended_ || account_.proxy == proxy) return;
  account_.proxy = std::move(proxy);
  Save();
  backoff_.Reset();
  if (worker_ != nullptr) {
    worker_->client().Close();
  } else if (status_.state() == v1::SESSION_STATE_CONNECTING) {
    // The session may have been waiting because the old proxy did not work.
    WakeUp();
  }
}

void Session::OnForget(const std::vector<whatsapp::Jid>& contacts) {
  if (ended_) return;
  bool held = false;
  for (const whatsapp::Jid& contact : contacts) {
    held |= account_.device.privacy_tokens.Forget(contact);
    if (worker_ != nullptr) worker_->client().Forget(contact);
    if (logging_in_) to_forget_.push_back(contact);
  }
  if (held) Save();
}

asio::awaitable<void> Session::Disconnect(std::shared_ptr<Session> self,
                                          std::shared_ptr<QueryWorker> worker,
                                          Wish wish) {
  worker->Stop();
  if (wish == Wish::kLogout) {
    const absl::Status unlinked = co_await worker->client().Logout();
    if (!unlinked.ok()) self->WarnNotUnlinked(unlinked.ToString());
  }
  worker->client().Close();
}

void Session::WarnNotUnlinked(const std::string& why) {
  if (status_.state() == v1::SESSION_STATE_LOGGED_OUT) return;
  LogWarning(
      "session {}: could not unlink at WhatsApp, remove it on the phone: {}",
      status_.name(), why);
}

// ---- the client ------------------------------------------------------------

void Session::OnDeviceChanged(const whatsapp::Device& device) {
  if (ended_) return;
  const bool new_address =
      device.jid != account_.device.jid || device.lid != account_.device.lid;
  account_.device = device;
  for (const whatsapp::Jid& contact : to_forget_) {
    account_.device.privacy_tokens.Forget(contact);
  }
  status_.SetDevice(device);
  if (new_address) environment_.registry.RefreshOwn();
  // A login changes several fields in a row, which are stored together.
  if (std::exchange(unsaved_, true)) return;
  asio::post(strand_, [self = shared_from_this()] {
    if (self->unsaved_ && !self->ended_) self->Save();
  });
}

void Session::OnContactNotice(const whatsapp::ContactNotice& notice) {
  if (ended_) return;
  whatsapp::ContactNotice meant = notice;
  if (meant.jid.user.empty()) {
    meant.jid = memory_.asked.Find(meant.contact_hash.value_or(0));
  }
  if (meant.jid.user.empty()) return;
  environment_.work.Observe(ObservationOf(
      meant, {status_.name(), environment_.options.clocks.wall()}));
}

}  // namespace portrait
