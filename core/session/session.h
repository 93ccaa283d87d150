// Session is one linked WhatsApp account. It stays connected as long as
// WhatsApp allows, and works while it is logged in.
#ifndef PORTRAIT_CORE_SESSION_SESSION_H_
#define PORTRAIT_CORE_SESSION_SESSION_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/session/account.h"
#include "core/session/query_worker.h"
#include "core/session/reconnect_backoff.h"
#include "core/session/session_environment.h"
#include "core/session/session_status.h"
#include "core/session/stream_end_effect.h"
#include "core/whatsapp/client.h"

namespace portrait {

// Public methods are thread-safe; all else is confined to `strand`. Held by
// shared_ptr because its coroutines keep it alive.
class Session : public std::enable_shared_from_this<Session>,
                private whatsapp::ClientEvents {
 public:
  Session(boost::asio::any_io_executor strand, Account account,
          const SessionEnvironment& environment);
  ~Session() override;

  // Connects when its turn has come, and reconnects on its own. `on_settled` is
  // called once, on the strand, after the login or after giving up.
  void Start(std::function<void()> on_settled);
  // There may be work. Several calls before the session reacts count as one.
  void Poke();
  // Like Poke(), for work that another session may also do: if this one cannot
  // take any now, another one is woken.
  void Offer();
  // Stays disconnected until Resume(), even after restarts of the process.
  void Pause();
  // Ends a pause, and tries again if the session had given up.
  //
  // Errors: FAILED_PRECONDITION if the account is unlinked.
  absl::Status Resume();
  // Sets Account::proxy and reconnects through it.
  void SetProxy(std::string proxy);
  // Erases the data that these contacts gave the account.
  void Forget(std::vector<whatsapp::Jid> contacts);
  // Tries again if WhatsApp has refused the announced client version.
  void OnNewVersion();
  // Unlinks the account, erases its keys and ends; `done` gets the result of
  // erasing.
  void Logout(std::function<void(absl::Status)> done);
  // Disconnects and ends.
  void Stop();

  const SessionStatus& status() const { return status_; }

 private:
  // The command that the run loop has received.
  enum class Wish { kRun, kLogout, kStop };
  struct Connected {
    whatsapp::StreamEnd end;
    absl::Duration lasted;  // time logged in; zero: never
  };

  static boost::asio::awaitable<void> Run(std::shared_ptr<Session> self);
  boost::asio::awaitable<Connected> ConnectAndWork();
  // `refused` says why if WhatsApp ended the stream.
  boost::asio::awaitable<absl::StatusOr<std::unique_ptr<whatsapp::Client>>>
  Login(whatsapp::StreamEnd* refused);
  boost::asio::awaitable<whatsapp::StreamEnd> Work(
      std::unique_ptr<whatsapp::Client> client);
  // Sets the state for the end of a stream; returns when to reconnect.
  absl::Time React(const Connected& connected);
  StreamEndEffect EffectOfRefusedVersion(StreamEndEffect effect);
  // Waits until `time`, or until a command arrives.
  boost::asio::awaitable<void> WaitUntil(absl::Time time);
  // Both end WaitUntil(); the second also resets the backoff.
  void WakeUp();
  void TryAgain();
  void OnWish(Wish wish);
  void OnPaused(bool paused);
  void OnProxy(std::string proxy);
  void OnForget(const std::vector<whatsapp::Jid>& contacts);
  static boost::asio::awaitable<void> Disconnect(
      std::shared_ptr<Session> self, std::shared_ptr<QueryWorker> worker,
      Wish wish);
  void WarnNotUnlinked(const std::string& why);
  bool EraseKeys();
  void Finish();
  void Settle();

  void SetState(v1::SessionState state, std::string reason,
                absl::Time resume_at);
  void Save();

  void OnDeviceChanged(const whatsapp::Device& device) override;
  void OnContactNotice(const whatsapp::ContactNotice& notice) override;

  const boost::asio::any_io_executor strand_;
  const SessionEnvironment& environment_;
  SessionStatus status_;               // thread-safe
  std::atomic<bool> poked_ = false;    // a Poke is on its way to the strand
  std::atomic<bool> offered_ = false;  // … or an Offer

  Account account_;
  AccountMemory memory_;
  whatsapp::ClientVersion announced_;  // at the last login
  ReconnectBackoff backoff_;
  std::shared_ptr<QueryWorker> worker_;  // set while logged in
  boost::asio::steady_timer wait_timer_;
  Wish wish_ = Wish::kRun;
  bool woken_ = false;  // WaitUntil() must return
  bool logging_in_ = false;
  // Contacts to forget after a login, which works with a copy of the
  // device.
  std::vector<whatsapp::Jid> to_forget_;
  bool ended_ = false;    // borrowed objects must not be used any more
  bool unsaved_ = false;  // account_ is newer than the stored one
  std::function<void()> on_settled_;
  std::vector<std::function<void(absl::Status)>> on_logged_out_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_SESSION_H_
