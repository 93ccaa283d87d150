// Connection is one WhatsApp stream: handshake, encrypted nodes in both
// directions, matching of answers to requests, keepalive, and acks. The owner
// handles the stanzas' content.
#ifndef PORTRAIT_CORE_WHATSAPP_CONNECTION_H_
#define PORTRAIT_CORE_WHATSAPP_CONNECTION_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/whatsapp/certificate.h"
#include "core/whatsapp/client_payload.h"
#include "core/whatsapp/device.h"
#include "core/whatsapp/node.h"
#include "core/whatsapp/stream_end.h"
#include "core/whatsapp/transport.h"

namespace portrait::whatsapp {

// How to reach WhatsApp; equal for all connections of a process.
struct ConnectionOptions {
  WebSocketOptions websocket;
  std::string root_public_key = WhatsAppRootPublicKey();
  ClientVersion version;
  // The appearance of new devices; nullopt: each device draws its own.
  std::optional<DeviceAppearance> appearance;
  // Whether logins use the server's key of an earlier login, which saves a
  // round trip; see noise.h.
  bool resume = true;
  absl::Duration handshake_timeout = absl::Seconds(20);
  absl::Duration request_timeout = absl::Seconds(30);
  // The time without traffic after which a ping is sent (times 1 to 2, at
  // random).
  absl::Duration keepalive_interval = absl::Seconds(15);
  // If something was sent and nothing received for this time, the connection is
  // dead.
  absl::Duration dead_after = absl::Seconds(20);
  size_t max_pending_requests = 1024;
  // How long a code for typing into a phone is valid; after that the server
  // closes an unlinked connection …
  absl::Duration pairing_code_life = absl::Seconds(180);
  // … and how long a phone may take to confirm it. Both are WhatsApp Web's
  // values.
  absl::Duration pairing_confirm_timeout = absl::Seconds(60);
  Clock clock = SystemClock();
};

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

  virtual ~Connection() = default;

  // Sends the iq under a new id and returns the <iq> (or <ack>) that answers
  // it, of type result or error. However this call ends, the request is not
  // pending afterwards.
  //
  // Errors: DEADLINE_EXCEEDED after `timeout`, UNAVAILABLE if the connection
  // ends first, RESOURCE_EXHAUSTED over max_pending_requests.
  virtual boost::asio::awaitable<absl::StatusOr<Node>> Request(
      Node iq, absl::Duration timeout) = 0;

  // Queues a stanza; returns false if the connection has ended. Frames are sent
  // in the order of these calls.
  virtual bool Send(Node stanza) = 0;

  // Waits until the stream has ended, for any reason.
  virtual boost::asio::awaitable<StreamEnd> WaitUntilEnded() = 0;
  // The end of the stream; nullopt while the stream is open.
  virtual const std::optional<StreamEnd>& end() const = 0;

  // The number of requests without an answer.
  virtual size_t pending_requests() const = 0;

  // Waits until all queued frames have been passed to the network or the stream
  // has ended, for at most `timeout`.
  virtual boost::asio::awaitable<void> Flush(absl::Duration timeout) = 0;

  // Ends the connection: pending requests fail with UNAVAILABLE, WaitUntilEnded
  // returns `end`, and queued frames are dropped. Only the first call has an
  // effect. The owner must call it, because the connection keeps itself alive
  // until then. No stanza is handled after it.
  virtual void Close(StreamEnd end) = 0;

  // Sets the own JID for acks once it is known.
  virtual void SetOwnJid(Jid jid) = 0;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_CONNECTION_H_
