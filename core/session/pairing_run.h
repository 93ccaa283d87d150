// PairingRun links one new account: it shows codes until a phone has used one,
// stores the keys, and supervises the first login of the new session.
#ifndef PORTRAIT_CORE_SESSION_PAIRING_RUN_H_
#define PORTRAIT_CORE_SESSION_PAIRING_RUN_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "core/session/session.h"
#include "core/session/session_pool.h"
#include "core/session/session_registry.h"
#include "core/whatsapp/client.h"

namespace portrait {

// All public methods are thread-safe; all else is confined to `strand`. Held by
// shared_ptr because its coroutine keeps it alive.
class PairingRun : public std::enable_shared_from_this<PairingRun>,
                   private whatsapp::PairingEvents {
 public:
  // The longest wait for the first login after pairing. After this time, the
  // observer is told that the account is linked but not yet working.
  static constexpr absl::Duration kFirstLoginTime = absl::Seconds(60);

  // The session's name is set, and reserved in `registry`. `environment` is
  // borrowed until `on_ended` is called, once.
  PairingRun(boost::asio::any_io_executor strand, PairingRequest request,
             std::shared_ptr<PairingObserver> observer,
             const SessionEnvironment& environment, SessionRegistry& registry,
             std::function<void()> on_ended);

  void Start();
  // Ends the pairing because the user gave up. If a phone has already used a
  // code, the account stays linked.
  void Cancel() { cancelled_ = true; }
  void Stop();

  const std::string& name() const { return name_; }
  // Its codes are no longer valid.
  bool has_ended() const { return ended_ || cancelled_; }
  // See SessionPool::GetQrCode.
  absl::StatusOr<PairingQrCode> GetQrCode() const;

 private:
  static boost::asio::awaitable<void> Run(std::shared_ptr<PairingRun> self);
  boost::asio::awaitable<absl::StatusOr<whatsapp::Device>> Link();
  boost::asio::awaitable<absl::Status> LinkAndLogin();
  void Finish(const absl::Status& status);

  void OnQrCode(const std::string& text, absl::Time expires_at) override;
  void SetQrCode(PairingQrCode code);
  void OnPairingCode(const std::string& code, absl::Time expires_at) override;
  bool Cancelled() override { return cancelled_; }
  absl::Status MayLink(const whatsapp::Jid& account) override;

  const boost::asio::any_io_executor strand_;
  const std::string name_;
  const std::string phone_number_;
  const std::string proxy_;
  const std::shared_ptr<PairingObserver> observer_;
  const SessionEnvironment& environment_;
  SessionRegistry& registry_;

  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> stopped_ = false;  // also sets cancelled_
  std::atomic<bool> ended_ = false;
  mutable absl::Mutex mu_;
  PairingQrCode qr_code_ ABSL_GUARDED_BY(mu_);  // empty: there is none
  // Empty: the run has ended and borrows nothing.
  std::function<void()> on_ended_;
  std::shared_ptr<Session> session_;  // set once the account is linked
  bool settled_ = false;
  boost::asio::steady_timer first_login_timer_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_PAIRING_RUN_H_
