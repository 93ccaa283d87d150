// Housekeeper does what every companion does beside its user's errands: it
// notes what the login tells, asks for what waited while the device was away,
// keeps the routing info and the AB props, and has its keys kept.
#ifndef PORTRAIT_CORE_WHATSAPP_HOUSEKEEPER_H_
#define PORTRAIT_CORE_WHATSAPP_HOUSEKEEPER_H_

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
#include "core/whatsapp/key_keeper.h"
#include "core/whatsapp/node.h"
#include "core/whatsapp/offline_backlog.h"
#include "core/whatsapp/request_ids.h"
#include "core/whatsapp/signal.h"
#include "core/whatsapp/stream_end.h"

namespace portrait::whatsapp {

// Confined to `strand`. Held by shared_ptr, because its coroutines outlive
// their spawner. `events` is called until Retire().
class Housekeeper : public std::enable_shared_from_this<Housekeeper> {
 public:
  Housekeeper(boost::asio::any_io_executor strand, Device device,
              ClientEvents* events, const ConnectionOptions& options);

  // A stanza of the connection.
  void OnStanza(const Node& stanza);

  // What the handshake has shown of the server.
  void OnServer(ServerCertificate server);

  // From now on speaks over `connection`.
  void Attach(std::shared_ptr<Connection> connection);

  // Waits for <success>.
  //
  // Errors: UNAVAILABLE when the stream ends first or nothing comes,
  // UNAUTHENTICATED when WhatsApp refuses the device; `*end` says why.
  boost::asio::awaitable<absl::Status> AwaitSuccess(StreamEnd* end);

  // What a client does once it is logged in: prekeys, then <active/>, without
  // which the server holds back what waits; the rest goes on by itself. What
  // the server refuses of it is logged and left.
  //
  // Errors: as above.
  boost::asio::awaitable<absl::Status> MoveIn(StreamEnd* end);

  // As Client says.
  void Forget(const Jid& contact);

  // The owner goes: no event is told any more.
  void Retire();

  const Device& device() const { return device_; }
  const AbProps& props() const { return props_; }

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
  void Clean(const Node& dirty);
  void TellDeviceChanged();

  // OK while the stream lives, else why it ended, also in `*end`.
  absl::Status CheckAlive(StreamEnd* end) const;
  boost::asio::awaitable<absl::Status> BecomeActive();
  // Until what waited has come, or will not.
  boost::asio::awaitable<void> AwaitBacklog();
  boost::asio::awaitable<absl::Status> FetchProps();

  static boost::asio::awaitable<void> WatchEnd(
      std::shared_ptr<Housekeeper> self,
      std::shared_ptr<Connection> connection);
  // What a client does when it has moved in, for as long as it stays.
  static boost::asio::awaitable<void> Settle(std::shared_ptr<Housekeeper> self);

  const boost::asio::any_io_executor strand_;
  const absl::Duration request_timeout_;
  const Clock clock_;
  Device device_;
  ClientEvents* events_;  // null: retired
  std::shared_ptr<Connection> connection_;
  RequestIds ids_;

  bool logged_in_ = false;
  OfflineBacklog backlog_;
  std::optional<Deadline> batch_delay_;
  std::optional<Deadline> token_delay_;  // until new tokens are told
  std::vector<Node> unclean_;  // <dirty>, to be answered after the backlog
  AbProps props_;
  KeyKeeper keys_;
  Signal changed_;  // logged in, the backlog complete, or the stream ended
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_HOUSEKEEPER_H_
