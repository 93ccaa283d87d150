// CompanionTasks does the work of a companion device that no query causes: it
// reads the facts in the login, requests the stanzas that were queued while the
// device was offline, stores routing info and AB props, and maintains prekeys.
#ifndef PORTRAIT_CORE_WHATSAPP_COMPANION_TASKS_H_
#define PORTRAIT_CORE_WHATSAPP_COMPANION_TASKS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/whatsapp/ab_props.h"
#include "core/whatsapp/client.h"
#include "core/whatsapp/connection.h"
#include "core/whatsapp/deadline.h"
#include "core/whatsapp/device.h"
#include "core/whatsapp/node.h"
#include "core/whatsapp/offline_backlog.h"
#include "core/whatsapp/prekey_maintainer.h"
#include "core/whatsapp/request_ids.h"
#include "core/whatsapp/signal.h"
#include "core/whatsapp/stream_end.h"

namespace portrait::whatsapp {

// Confined to `strand`. Held by shared_ptr, because its coroutines outlive
// their spawner. `events` is called until StopEvents().
class CompanionTasks : public std::enable_shared_from_this<CompanionTasks> {
 public:
  CompanionTasks(boost::asio::any_io_executor strand, Device device,
                 ClientEvents* events, const ConnectionOptions& options);

  // Handles each stanza that the connection receives and that is not a reply.
  void OnStanza(const Node& stanza);

  // Stores the server's certificate, which the handshake has verified.
  void OnServer(ServerCertificate server);

  // Uses `connection` from now on. Called once.
  void Attach(std::shared_ptr<Connection> connection);

  // Waits for <success>.
  //
  // Errors: UNAVAILABLE if the stream ends first or no reply comes in time,
  // UNAUTHENTICATED if WhatsApp refuses the device; `*end` says why.
  boost::asio::awaitable<absl::Status> AwaitSuccess(StreamEnd* end);

  // After a passive login: uploads missing prekeys, fetches the first AB props,
  // then sends <active/>, without which the server does not send the queued
  // stanzas. RunAfterLogin() continues in the background. If the server refuses
  // a request, the refusal is logged and login continues.
  //
  // Errors: those of AwaitSuccess().
  boost::asio::awaitable<absl::Status> FinishLogin(StreamEnd* end);

  // See Client::Forget().
  void Forget(const Jid& contact);

  // Called by the owner's destructor: `events` is not called any more.
  void StopEvents();

  const Device& device() const { return device_; }
  const AbProps& props() const { return device_.ab_props; }

 private:
  void OnSuccess(const Node& success);
  void OnInfoBroadcast(const Node& ib);
  void OnRoutingInfo(const Node& edge_routing);
  void OnClientExpiration(const Node& expiration);
  void OnDirty(const Node& dirty);
  void OnNotification(const Node& notification);
  void OnPushName(std::string name);
  void KeepToken(PrivacyToken token);
  void AskForBatchLater();
  // Confirms all items that the server called dirty, in one iq.
  void CleanAll();
  void MarkSession();
  void TellDeviceChanged();

  // Returns OK while the stream is open; otherwise the reason for its end, also
  // in `*end`.
  absl::Status CheckAlive(StreamEnd* end) const;
  boost::asio::awaitable<void> RunPassiveTasks();
  boost::asio::awaitable<absl::Status> BecomeActive();
  // Waits until the queued stanzas have arrived, or a timeout.
  boost::asio::awaitable<void> AwaitBacklog();
  bool ArePropsOutdated() const;
  boost::asio::awaitable<absl::Status> FetchProps();
  boost::asio::awaitable<void> KeepPropsFresh();

  static boost::asio::awaitable<void> WatchEnd(
      std::shared_ptr<CompanionTasks> self,
      std::shared_ptr<Connection> connection);
  // Tasks after the login, until the connection ends.
  static boost::asio::awaitable<void> RunAfterLogin(
      std::shared_ptr<CompanionTasks> self);

  const boost::asio::any_io_executor strand_;
  const absl::Duration request_timeout_;
  const Clock clock_;
  Device device_;
  ClientEvents* events_;  // null after StopEvents()
  std::shared_ptr<Connection> connection_;
  RequestIds ids_;

  bool logged_in_ = false;
  absl::Duration server_ahead_;  // by how much its clock is ahead of ours
  std::string refresh_id_;       // <success abprops>
  OfflineBacklog backlog_;
  std::optional<Deadline> batch_delay_;
  std::optional<Deadline> token_delay_;  // runs until new tokens are stored
  std::vector<Node> unclean_;  // <dirty> stanzas to answer after the backlog
  PrekeyMaintainer keys_;
  // The login, the end of the backlog, or the end of the stream.
  Signal changed_;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_COMPANION_TASKS_H_
