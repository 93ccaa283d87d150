// Connection is one WhatsApp stream: handshake, encrypted nodes in both
// directions, matching of answers to requests, keepalive, and acks. The owner
// handles the stanzas' content.
#ifndef PORTRAIT_CORE_WHATSAPP_CONNECTION_H_
#define PORTRAIT_CORE_WHATSAPP_CONNECTION_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/whatsapp/certificate.h"
#include "core/whatsapp/connection_options.h"
#include "core/whatsapp/device.h"
#include "core/whatsapp/iq_waiters.h"
#include "core/whatsapp/keepalive.h"
#include "core/whatsapp/node.h"
#include "core/whatsapp/request_ids.h"
#include "core/whatsapp/signal.h"
#include "core/whatsapp/stream_end.h"

namespace portrait::whatsapp {

class FrameSocket;

// Confined to `executor`, a strand: every method is called and every callback
// runs on it. Held by shared_ptr because its coroutines outlive their spawner.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // Receives stanzas that do not answer a request. Acks, pongs and answers to
  // the server's pings have already been handled.
  using StanzaHandler = std::function<void(const Node&)>;

  // Connects, runs the handshake with the device's keys and `client_payload`,
  // and starts reading. `device` is only read during this call; `server` has
  // the meaning of FrameSocket::Open, and stays unchanged if the server was not
  // reached.
  //
  // Errors: those of ConnectWebSocket and NoiseClientHandshake.
  static boost::asio::awaitable<absl::StatusOr<std::shared_ptr<Connection>>>
  Open(boost::asio::any_io_executor executor, ConnectionOptions options,
       Device device, std::string client_payload, StanzaHandler on_stanza,
       ServerCertificate* server);

  // Used only by Open().
  Connection(boost::asio::any_io_executor strand, ConnectionOptions options,
             std::unique_ptr<FrameSocket> socket, StanzaHandler on_stanza);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Sends the iq under a new id and returns the <iq> (or <ack>) that answers
  // it, of type result or error. However this call ends, the request is not
  // pending afterwards.
  //
  // Errors: DEADLINE_EXCEEDED after `timeout`, UNAVAILABLE if the connection
  // ends first, RESOURCE_EXHAUSTED over max_pending_requests.
  boost::asio::awaitable<absl::StatusOr<Node>> Request(Node iq,
                                                       absl::Duration timeout);

  // Queues a stanza; returns false if the connection has ended. Frames are sent
  // in the order of these calls.
  bool Send(Node stanza);

  // Waits until the stream has ended, for any reason.
  boost::asio::awaitable<StreamEnd> WaitUntilEnded();
  // The end of the stream; nullopt while the stream is open.
  const std::optional<StreamEnd>& end() const { return end_; }

  // The number of requests without an answer.
  size_t pending_requests() const { return waiters_.size(); }

  // Waits until all queued frames have been passed to the network or the stream
  // has ended, for at most `timeout`.
  boost::asio::awaitable<void> Flush(absl::Duration timeout);

  // Ends the connection: pending requests fail with UNAVAILABLE, WaitUntilEnded
  // returns `end`, and queued frames are dropped. Only the first call has an
  // effect. The owner must call it, because the connection keeps itself alive
  // until then. No stanza is handled after it.
  void Close(StreamEnd end);

  // Sets the own JID for acks once it is known.
  void SetOwnJid(Jid jid) { own_jid_ = std::move(jid); }

 private:
  using SelfPtr = std::shared_ptr<Connection>;

  void Start();

  // Coroutines hold the connection, so they may outlive its owner.
  static boost::asio::awaitable<absl::StatusOr<Node>> Ask(
      SelfPtr self, Node iq, absl::Duration timeout);
  static boost::asio::awaitable<StreamEnd> AwaitEnd(SelfPtr self);
  static boost::asio::awaitable<void> AwaitFlush(SelfPtr self,
                                                 absl::Duration timeout);
  static boost::asio::awaitable<void> Read(SelfPtr self);
  static boost::asio::awaitable<void> Write(SelfPtr self);
  static boost::asio::awaitable<void> KeepAlive(SelfPtr self);
  static boost::asio::awaitable<void> Ping(SelfPtr self);

  void Dispatch(Node stanza);
  void End(StreamEnd::Kind kind, std::string reason);

  const boost::asio::any_io_executor strand_;
  const ConnectionOptions options_;
  const StanzaHandler on_stanza_;
  const std::unique_ptr<FrameSocket> socket_;

  Jid own_jid_;
  RequestIds ids_;
  IqWaiters waiters_;
  Keepalive keepalive_;
  boost::asio::steady_timer keepalive_timer_;

  // Sealed frames to send; `writing_` is true while a coroutine sends them.
  std::deque<std::string> queue_;
  size_t queued_bytes_ = 0;
  bool writing_ = false;

  std::optional<StreamEnd> end_;
  // Woken when the queue becomes empty, or the stream ends.
  Signal changed_;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_CONNECTION_H_
