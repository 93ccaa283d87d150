// Connection is one live stream to WhatsApp: handshake, encrypted nodes both
// ways, requests matched to their answers, keepalive, and the acks that a
// quiet companion owes. What the stanzas mean is its owner's business.
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

// How to reach WhatsApp; the same for every connection of a process.
struct ConnectionOptions {
  WebSocketOptions websocket;
  std::string root_public_key = WhatsAppRootPublicKey();
  ClientVersion version;
  DeviceAppearance appearance;
  // Logins resume with the server's key of an earlier one, which saves a round
  // trip; see noise.h.
  bool resume = true;
  absl::Duration handshake_timeout = absl::Seconds(20);
  absl::Duration request_timeout = absl::Seconds(30);
  // Ping only after this long (times 1 to 2, at random) without traffic.
  absl::Duration keepalive_interval = absl::Seconds(15);
  // With something sent and nothing received for this long, the line is dead.
  absl::Duration dead_after = absl::Seconds(20);
  size_t max_pending_requests = 1024;
  // How long a code stands that is typed into a phone: the server hangs up on
  // who is not linked by then …
  absl::Duration pairing_code_life = absl::Seconds(160);
  // … and how long a phone may take to confirm one, as WhatsApp Web has it.
  absl::Duration pairing_confirm_timeout = absl::Seconds(60);
  Clock clock = SystemClock();
};

// Confined to `executor`, a strand: every method is called and every callback
// runs there. Held by shared_ptr because its coroutines outlive their spawner.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // Stanzas that are no answer to a request. Acks, pongs and the answer to
  // server pings have been seen to before.
  using StanzaHandler = std::function<void(const Node&)>;

  // Dials, shakes hands with the device's keys and `client_payload`, and starts
  // reading. `device` is only read here; `server` is as in FrameSocket::Open,
  // and as it was when the server was not reached.
  //
  // Errors: those of ConnectWebSocket and NoiseClientHandshake.
  static boost::asio::awaitable<absl::StatusOr<std::shared_ptr<Connection>>>
  Open(boost::asio::any_io_executor executor, ConnectionOptions options,
       Device device, std::string client_payload, StanzaHandler on_stanza,
       ServerCertificate* server);

  virtual ~Connection() = default;

  // Sends the iq under an id of its own and returns the <iq> (or <ack>) that
  // answers it, of type result or error. The waiter is gone when this returns,
  // whatever happened.
  //
  // Errors: DEADLINE_EXCEEDED after `timeout`, UNAVAILABLE when the connection
  // ends first, RESOURCE_EXHAUSTED over max_pending_requests.
  virtual boost::asio::awaitable<absl::StatusOr<Node>> Request(
      Node iq, absl::Duration timeout) = 0;

  // Queues a stanza; false when the connection has ended. Frames leave in the
  // order of these calls.
  virtual bool Send(Node stanza) = 0;

  // Until the stream has ended, for whatever reason.
  virtual boost::asio::awaitable<StreamEnd> WaitUntilEnded() = 0;
  // Nothing while the stream lives.
  virtual const std::optional<StreamEnd>& end() const = 0;

  // Requests whose answers are waited for.
  virtual size_t pending_requests() const = 0;

  // Until what was queued has been handed to the network or the stream has
  // ended, at most `timeout`.
  virtual boost::asio::awaitable<void> Flush(absl::Duration timeout) = 0;

  // Ends it: waiters hear UNAVAILABLE, WaitUntilEnded returns `end`. What is
  // still queued is dropped. Only the first call counts. An owner calls it
  // before it goes: until then the connection keeps itself alive. No stanza is
  // handled after it.
  virtual void Close(StreamEnd end) = 0;

  // Own JID for acks, once known.
  virtual void SetOwnJid(Jid jid) = 0;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_CONNECTION_H_
