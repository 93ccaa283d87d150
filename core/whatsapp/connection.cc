#include "core/whatsapp/connection.h"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/steady_time.h"
#include "core/base/telemetry.h"
#include "core/whatsapp/acks.h"
#include "core/whatsapp/deadline.h"
#include "core/whatsapp/frame_socket.h"
#include "core/whatsapp/node_codec.h"

namespace portrait::whatsapp {
namespace {

namespace asio = boost::asio;

// The most queued bytes. If a peer reads more slowly than it makes us write,
// the connection ends.
constexpr size_t kMaxQueuedBytes = 8 * 1024 * 1024;

absl::StatusOr<Node> ReadNode(const absl::StatusOr<std::string>& plaintext) {
  RETURN_IF_ERROR(plaintext.status());
  return DecodeNode(*plaintext);
}

}  // namespace

Connection::Connection(asio::any_io_executor strand, ConnectionOptions options,
                       std::unique_ptr<FrameSocket> socket,
                       StanzaHandler on_stanza)
    : strand_(std::move(strand)),
      options_(std::move(options)),
      on_stanza_(std::move(on_stanza)),
      socket_(std::move(socket)),
      keepalive_({.interval = options_.keepalive_interval,
                  .dead_after = options_.dead_after},
                 SteadyNow()),
      keepalive_timer_(strand_),
      changed_(strand_) {}

Connection::~Connection() = default;

// Starts reading only after Open()'s caller has resumed, so that it can keep
// the connection before the first stanza comes.
void Connection::Start() {
  asio::post(strand_, [self = shared_from_this()] {
    asio::co_spawn(self->strand_, Read(self), asio::detached);
    asio::co_spawn(self->strand_, KeepAlive(self), asio::detached);
  });
}

// ---- sending ---------------------------------------------------------------

bool Connection::Send(Node stanza) {
  if (end_.has_value()) return false;
  // The frame is sealed and queued without a suspension in between, because
  // frames must be sent in the order of their counters.
  absl::StatusOr<std::string> frame = socket_->Seal(EncodeNode(stanza));
  if (!frame.ok()) {
    End(StreamEnd::Kind::kDropped,
        absl::StrCat("sending: ", frame.status().message()));
    return false;
  }
  keepalive_.OnSent(SteadyNow());
  queued_bytes_ += frame->size();
  if (queued_bytes_ > kMaxQueuedBytes) {
    End(StreamEnd::Kind::kDropped,
        absl::StrCat("sending: the server leaves more than ", kMaxQueuedBytes,
                     " bytes unread"));
    return false;
  }
  queue_.push_back(*std::move(frame));
  if (!std::exchange(writing_, true)) {
    asio::co_spawn(strand_, Write(shared_from_this()), asio::detached);
  }
  return true;
}

asio::awaitable<void> Connection::Write(SelfPtr self) {
  while (!self->queue_.empty()) {
    std::string frame = std::move(self->queue_.front());
    self->queue_.pop_front();
    const size_t bytes = frame.size();
    const absl::Status sent = co_await self->socket_->Send(std::move(frame));
    if (!sent.ok())
      self->End(StreamEnd::Kind::kDropped, std::string(sent.message()));
    if (self->end_.has_value()) break;
    self->queued_bytes_ -= bytes;
  }
  self->writing_ = false;
  self->changed_.WakeAll();
}

asio::awaitable<void> Connection::AwaitFlush(SelfPtr self,
                                             absl::Duration timeout) {
  const absl::Time give_up = SteadyNow() + timeout;
  while (self->writing_ && !self->end_.has_value()) {
    const absl::Duration left = give_up - SteadyNow();
    if (left <= absl::ZeroDuration()) break;
    co_await self->changed_.WaitFor(left);
  }
}

asio::awaitable<void> Connection::Flush(absl::Duration timeout) {
  return AwaitFlush(shared_from_this(), timeout);
}

// ---- requests --------------------------------------------------------------

asio::awaitable<absl::StatusOr<Node>> Connection::Request(
    Node iq, absl::Duration timeout) {
  return Ask(shared_from_this(), std::move(iq), timeout);
}

asio::awaitable<absl::StatusOr<Node>> Connection::Ask(SelfPtr self, Node iq,
                                                      absl::Duration timeout) {
  if (self->waiters_.size() >= self->options_.max_pending_requests) {
    co_return absl::ResourceExhaustedError(
        absl::StrCat(self->waiters_.size(), " requests wait for answers"));
  }
  const std::string id = self->ids_.Next();
  iq.SetAttribute("id", id);
  IqWaiters::Waiter waiter(self->waiters_, id, self->strand_);
  if (!self->Send(std::move(iq))) {
    co_return absl::UnavailableError(
        absl::StrCat("the connection ended: ", self->end_->reason));
  }
  absl::StatusOr<Node> answer = co_await waiter.Wait(timeout);
  co_return answer;
}

// ---- receiving -------------------------------------------------------------

asio::awaitable<void> Connection::Read(SelfPtr self) {
  while (!self->end_.has_value()) {
    const absl::StatusOr<std::string> plaintext =
        co_await self->socket_->Receive();
    if (self->end_.has_value()) break;
    if (absl::IsUnavailable(plaintext.status())) {
      self->End(StreamEnd::Kind::kDropped,
                std::string(plaintext.status().message()));
      break;
    }
    absl::StatusOr<Node> stanza = ReadNode(plaintext);
    if (!stanza.ok()) {
      // The read counter has passed the bad frame, so no later frame can be
      // trusted.
      self->End(StreamEnd::Kind::kProtocolError,
                absl::StrCat("unreadable frame: ", stanza.status().message()));
      break;
    }
    self->keepalive_.OnReceived(SteadyNow());
    self->Dispatch(*std::move(stanza));
  }
}

void Connection::Dispatch(Node stanza) {
  if (std::optional<StreamEnd> end = ParseStreamEnd(stanza)) {
    Close(*std::move(end));
    return;
  }
  const std::string type = stanza.AttributeOr("type");
  const bool answers =
      stanza.tag == "ack" ||
      (stanza.tag == "iq" && (type == "result" || type == "error"));
  if (answers) {
    // A reply without a waiter came late or twice, and is dropped.
    waiters_.Answer(std::move(stanza));
    return;
  }
  if (std::optional<Node> pong = MakePong(stanza)) {
    Send(*std::move(pong));
    return;
  }
  // Acks are sent in the order in which the stanzas arrived.
  if (std::optional<Node> ack = MakeAck(stanza, own_jid_)) {
    if (!Send(*std::move(ack))) return;
  }
  on_stanza_(stanza);
}

// ---- keeping alive, ending -------------------------------------------------

asio::awaitable<void> Connection::KeepAlive(SelfPtr self) {
  while (!self->end_.has_value()) {
    self->keepalive_timer_.expires_after(
        ToTimerDuration(self->keepalive_.period()));
    boost::system::error_code ignored;
    co_await self->keepalive_timer_.async_wait(
        asio::redirect_error(asio::use_awaitable, ignored));
    if (self->end_.has_value()) break;
    switch (self->keepalive_.Decide(
        SteadyNow(), /*requests_pending=*/self->waiters_.size() > 0)) {
      case Keepalive::Action::kNone:
        break;
      case Keepalive::Action::kPing:
        asio::co_spawn(self->strand_, Ping(self), asio::detached);
        break;
      case Keepalive::Action::kDead:
        self->End(
            StreamEnd::Kind::kDropped,
            absl::StrCat("nothing received for ",
                         absl::FormatDuration(self->options_.dead_after)));
        break;
    }
  }
}

asio::awaitable<void> Connection::Ping(SelfPtr self) {
  Node ping = MakeNode("iq", {{"xmlns", std::string("w:p")},
                              {"type", std::string("get")},
                              {"to", ServerJid()}});
  // The wait is as long as the time after which the connection counts as dead;
  // nothing depends on the answer.
  const absl::StatusOr<Node> pong =
      co_await Ask(self, std::move(ping), 2 * self->options_.dead_after);
  if (!pong.ok()) LogDebug("keepalive: {}", pong.status().ToString());
}

void Connection::Close(StreamEnd end) {
  if (end_.has_value()) return;
  end_ = std::move(end);
  socket_->Close();
  keepalive_timer_.cancel();
  queue_.clear();
  waiters_.FailAll(absl::UnavailableError(
      absl::StrCat("the connection ended: ", end_->reason)));
  changed_.WakeAll();
}

void Connection::End(StreamEnd::Kind kind, std::string reason) {
  StreamEnd end;
  end.kind = kind;
  end.reason = std::move(reason);
  Close(std::move(end));
}

asio::awaitable<StreamEnd> Connection::WaitUntilEnded() {
  return AwaitEnd(shared_from_this());
}

asio::awaitable<StreamEnd> Connection::AwaitEnd(SelfPtr self) {
  while (!self->end_.has_value()) co_await self->changed_.Wait();
  co_return *self->end_;
}

asio::awaitable<absl::StatusOr<std::shared_ptr<Connection>>> Connection::Open(
    asio::any_io_executor executor, ConnectionOptions options, Device device,
    std::string client_payload, StanzaHandler on_stanza,
    ServerCertificate* server) {
  CO_ASSIGN_OR_RETURN(std::unique_ptr<Transport> transport,
                      co_await ConnectWebSocket(executor, options.websocket));
  FrameSocket::Options handshake = {
      .root_public_key = options.root_public_key,
      .now = options.clock(),
      .timeout = options.handshake_timeout,
      .noise_key = std::move(device.noise_key),
      .routing_info = std::move(device.routing_info),
      .client_payload = std::move(client_payload)};
  CO_ASSIGN_OR_RETURN(std::unique_ptr<FrameSocket> socket,
                      co_await FrameSocket::Open(executor, std::move(transport),
                                                 std::move(handshake), server));
  auto connection = std::make_shared<Connection>(
      executor, std::move(options), std::move(socket), std::move(on_stanza));
  connection->Start();
  co_return connection;
}

}  // namespace portrait::whatsapp
