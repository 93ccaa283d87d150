#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/client.h"
#include "core/whatsapp/client_payload.h"
#include "core/whatsapp/pairing.h"
#include "core/whatsapp/qr_code_rotation.h"
#include "core/whatsapp/signal.h"
#include "core/whatsapp/steady_time.h"
#include "core/whatsapp/stream_status.h"

namespace portrait::whatsapp {
namespace {

namespace asio = boost::asio;

constexpr absl::Duration kCancelPollInterval = absl::Milliseconds(400);
// The server asks for the restart as soon as it has our answer.
constexpr absl::Duration kRestartTimeout = absl::Seconds(15);
constexpr absl::Duration kFlushTimeout = absl::Seconds(2);
constexpr size_t kAdvSecretBytes = 32;

// One attempt to link a device. Confined to `strand`; held by the coroutines
// that work for it, which may outlive the attempt.
class QrPairing : public std::enable_shared_from_this<QrPairing> {
 public:
  QrPairing(asio::any_io_executor strand, ConnectionOptions options)
      : strand_(std::move(strand)),
        options_(std::move(options)),
        device_(MakeDevice()),
        changed_(strand_) {}

  // `events` is asked and told by this coroutine only.
  asio::awaitable<absl::StatusOr<Device>> Run(PairingEvents* events);

  // Ends the connection, also one that is still being made.
  void Abandon();

 private:
  static asio::awaitable<void> Connect(std::shared_ptr<QrPairing> self);

  void OnStanza(const Node& stanza);
  void OnServerRequest(const Node& iq);
  void OnNotification(const Node& notification);

  // The result so far; nothing while the code may yet be scanned.
  std::optional<absl::Status> Outcome(PairingEvents* events) const;
  void Draw(PairingEvents* events);
  asio::awaitable<absl::StatusOr<Device>> AnswerPhone();

  const asio::any_io_executor strand_;
  const ConnectionOptions options_;
  Device device_;
  std::shared_ptr<Connection> connection_;
  QrCodeRotation codes_;
  // When a connection is there: until when the refs have to come.
  std::optional<absl::Time> refs_due_;
  std::optional<Node> pair_success_;
  std::optional<absl::Status> failed_;
  std::optional<StreamEnd> end_;
  bool abandoned_ = false;
  Signal changed_;  // any of the above
};

asio::awaitable<void> QrPairing::Connect(std::shared_ptr<QrPairing> self) {
  std::string payload = RegistrationPayload(
      self->device_, self->options_.version, self->options_.appearance);
  Connection::StanzaHandler on_stanza =
      [weak = std::weak_ptr(self)](const Node& stanza) {
        if (auto pairing = weak.lock()) pairing->OnStanza(stanza);
      };
  absl::StatusOr<std::shared_ptr<Connection>> connection =
      co_await Connection::Open(self->strand_, self->options_, self->device_,
                                std::move(payload), std::move(on_stanza));
  if (!connection.ok()) {
    self->failed_ = connection.status();
    self->changed_.WakeAll();
    co_return;
  }
  self->connection_ = *std::move(connection);
  if (self->abandoned_) self->connection_->Close(StreamEnd());
  self->refs_due_ = SteadyNow() + self->options_.request_timeout;
  self->end_ = co_await self->connection_->WaitUntilEnded();
  self->changed_.WakeAll();
}

void QrPairing::Abandon() {
  abandoned_ = true;
  if (connection_ != nullptr) connection_->Close(StreamEnd());
}

// ---- what the server says --------------------------------------------------

void QrPairing::OnStanza(const Node& stanza) {
  if (stanza.tag == "iq" && stanza.AttributeOr("type") == "set") {
    OnServerRequest(stanza);
  } else if (stanza.tag == "notification") {
    OnNotification(stanza);
  }
  changed_.WakeAll();
}

void QrPairing::OnServerRequest(const Node& iq) {
  if (const Node* const pair_device = iq.FindChild("pair-device")) {
    connection_->Send(MakeNode("iq", {{"to", ServerJid()},
                                      {"type", std::string("result")},
                                      {"id", iq.AttributeOr("id")}}));
    codes_.Start(*pair_device, SteadyNow());
  } else if (iq.FindChild("pair-success") != nullptr) {
    // A second one is the answer to no code of ours.
    if (!pair_success_.has_value()) pair_success_ = iq;
  }
}

void QrPairing::OnNotification(const Node& notification) {
  const std::string type = notification.AttributeOr("type");
  if (type == "companion_reg_refresh") {
    // A code that may have been seen by others is worth nothing any more.
    device_.adv_secret = RandomBytes(kAdvSecretBytes);
    codes_.DrawAgain();
  } else if (type == "passkey_prologue_request") {
    failed_ = absl::UnauthenticatedError(
        "pairing: the account asks for a passkey, which only a browser can "
        "give");
  }
}

// ---- the attempt -----------------------------------------------------------

std::optional<absl::Status> QrPairing::Outcome(PairingEvents* events) const {
  if (failed_.has_value()) return failed_;
  const bool scannable = codes_.started() && !codes_.exhausted();
  // The server ends the stream itself when the last code is over.
  if (codes_.exhausted() ||
      (end_.has_value() && end_->kind == StreamEnd::Kind::kDropped &&
       scannable && codes_.on_last())) {
    return absl::DeadlineExceededError("pairing: no code was scanned in time");
  }
  if (end_.has_value()) return StatusOf(*end_, "pairing");
  if (events->Cancelled()) return absl::CancelledError("pairing: given up");
  if (!codes_.started() && refs_due_.has_value() && SteadyNow() >= *refs_due_) {
    return absl::UnavailableError("pairing: the server sent no codes");
  }
  return std::nullopt;
}

void QrPairing::Draw(PairingEvents* events) {
  codes_.Drawn();
  events->OnQrCode(QrCodeText(codes_.ref(), device_, options_.appearance),
                   options_.clock() + (codes_.expires_at() - SteadyNow()));
}

asio::awaitable<absl::StatusOr<Device>> QrPairing::Run(PairingEvents* events) {
  // 1. Connect as a device that has no account yet.
  asio::co_spawn(strand_, Connect(shared_from_this()), asio::detached);
  // 2. Show the codes until a phone has scanned one.
  while (!pair_success_.has_value()) {
    codes_.MoveOn(SteadyNow());
    if (std::optional<absl::Status> outcome = Outcome(events)) {
      co_return *std::move(outcome);
    }
    if (codes_.NeedsDrawing()) Draw(events);
    absl::Duration wait = kCancelPollInterval;
    if (codes_.started()) {
      wait = std::min(wait, codes_.expires_at() - SteadyNow());
    }
    co_await changed_.WaitFor(wait);
  }
  // 3. Check its proof, and give ours.
  absl::StatusOr<Device> device = co_await AnswerPhone();
  co_return device;
}

asio::awaitable<absl::StatusOr<Device>> QrPairing::AnswerPhone() {
  std::variant<PairingResult, PairingRefusal> verdict =
      AcceptPairSuccess(*pair_success_, device_, options_.clock());
  if (PairingRefusal* refusal = std::get_if<PairingRefusal>(&verdict)) {
    connection_->Send(std::move(refusal->reply));
    co_await connection_->Flush(kFlushTimeout);
    co_return std::move(refusal->status);
  }
  PairingResult& result = std::get<PairingResult>(verdict);
  connection_->SetOwnJid(result.device.jid);
  if (!connection_->Send(std::move(result.reply))) {
    co_return absl::UnavailableError(
        "pairing: the stream ended before the phone could be answered");
  }
  // The device is linked once the server has our answer: it asks to connect
  // anew (515), or just hangs up.
  const absl::Time give_up = SteadyNow() + kRestartTimeout;
  while (!end_.has_value() && SteadyNow() < give_up) {
    co_await changed_.WaitFor(give_up - SteadyNow());
  }
  if (end_.has_value()) {
    const absl::Status status = StatusOf(*end_, "pairing");
    if (absl::IsUnauthenticated(status)) co_return status;
  }
  co_return std::move(result.device);
}

}  // namespace

asio::awaitable<absl::StatusOr<Device>> PairByQrCode(
    asio::any_io_executor strand, ConnectionOptions options,
    PairingEvents* events) {
  auto pairing = std::make_shared<QrPairing>(strand, std::move(options));
  absl::StatusOr<Device> device = co_await pairing->Run(events);
  pairing->Abandon();
  co_return device;
}

}  // namespace portrait::whatsapp
