#include "core/whatsapp/device_pairing.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "core/base/steady_time.h"
#include "core/whatsapp/client_payload.h"
#include "core/whatsapp/pairing.h"
#include "core/whatsapp/stream_status.h"

namespace portrait::whatsapp {
namespace {

namespace asio = boost::asio;

constexpr absl::Duration kCancelPollInterval = absl::Milliseconds(400);
// The server requests the restart as soon as it has our answer.
constexpr absl::Duration kRestartTimeout = absl::Seconds(15);
constexpr absl::Duration kFlushTimeout = absl::Seconds(2);

}  // namespace

DevicePairing::DevicePairing(asio::any_io_executor strand,
                             ConnectionOptions options)
    : strand_(std::move(strand)),
      options_(std::move(options)),
      device_(MakeDevice()),
      changed_(strand_) {
  if (options_.appearance.has_value()) {
    device_.appearance = *options_.appearance;
  }
}

asio::awaitable<absl::StatusOr<Device>> DevicePairing::Run(
    std::shared_ptr<DevicePairing> self, PairingEvents* events) {
  absl::StatusOr<Device> device = co_await self->Link(events);
  self->Abandon();
  co_return device;
}

asio::awaitable<void> DevicePairing::Connect(
    std::shared_ptr<DevicePairing> self) {
  std::string payload = RegistrationPayload(
      self->device_, self->options_.version, self->device_.appearance);
  Connection::StanzaHandler on_stanza =
      [weak = std::weak_ptr(self)](const Node& stanza) {
        if (auto pairing = weak.lock()) pairing->OnStanza(stanza);
      };
  // WhatsApp Web does not store the server's key of a pairing either, so the
  // first login uses the full handshake.
  ServerCertificate server;
  absl::StatusOr<std::shared_ptr<Connection>> connection =
      co_await Connection::Open(self->strand_, self->options_, self->device_,
                                std::move(payload), std::move(on_stanza),
                                &server);
  if (!connection.ok()) {
    self->Fail(connection.status());
    co_return;
  }
  self->connection_ = *std::move(connection);
  if (self->abandoned_) self->connection_->Close(StreamEnd());
  self->pair_device_due_ = SteadyNow() + self->options_.request_timeout;
  self->end_ = co_await self->connection_->WaitUntilEnded();
  self->Changed();
}

void DevicePairing::Abandon() {
  abandoned_ = true;
  if (connection_ != nullptr) connection_->Close(StreamEnd());
}

void DevicePairing::Fail(absl::Status why) {
  if (!failed_.has_value()) failed_ = std::move(why);
  Changed();
}

// ---- stanzas from the server -----------------------------------------------

void DevicePairing::OnStanza(const Node& stanza) {
  if (stanza.tag == "iq" && stanza.AttributeOr("type") == "set") {
    OnServerRequest(stanza);
  } else if (stanza.tag == "notification") {
    if (stanza.AttributeOr("type") == "passkey_prologue_request") {
      Fail(absl::UnauthenticatedError(
          "pairing: the account has a passkey, and WhatsApp requires it for "
          "linking; passkeys work in browsers only. On the phone, remove the "
          "passkey (Settings, Account, Passkeys), link again, and add the "
          "passkey again afterwards; or link another account"));
    }
    OnNotification(stanza);
  }
  Changed();
}

void DevicePairing::OnServerRequest(const Node& iq) {
  if (const Node* const pair_device = iq.FindChild("pair-device")) {
    connection_->Send(MakeNode("iq", {{"to", ServerJid()},
                                      {"type", std::string("result")},
                                      {"id", iq.AttributeOr("id")}}));
    pair_device_seen_ = true;
    OnPairDevice(*pair_device);
  } else if (iq.FindChild("pair-success") != nullptr) {
    // A second <pair-success> does not belong to a code of ours.
    if (!pair_success_.has_value()) pair_success_ = iq;
  }
}

// ---- the attempt -----------------------------------------------------------

std::optional<absl::Status> DevicePairing::Outcome(
    PairingEvents* events) const {
  if (failed_.has_value()) return failed_;
  const bool hung_up =
      end_.has_value() && end_->kind == StreamEnd::Kind::kDropped;
  if (std::optional<absl::Status> late = TimeIsUp(hung_up)) return late;
  if (end_.has_value()) {
    const absl::Status status = StatusOf(*end_, "pairing");
    if (end_->kind != StreamEnd::Kind::kThrottled) return status;
    return absl::ResourceExhaustedError(status.message());
  }
  if (events->Cancelled()) return absl::CancelledError("pairing: cancelled");
  if (!pair_device_seen_ && pair_device_due_.has_value() &&
      SteadyNow() >= *pair_device_due_) {
    return absl::UnavailableError("pairing: the server sent no codes");
  }
  return std::nullopt;
}

asio::awaitable<absl::StatusOr<Device>> DevicePairing::Link(
    PairingEvents* events) {
  // 1. Connect as a device without an account.
  asio::co_spawn(strand_, Connect(shared_from_this()), asio::detached);
  // 2. Show codes until a phone has approved the device.
  while (!pair_success_.has_value()) {
    if (std::optional<absl::Status> outcome = Outcome(events)) {
      co_return *std::move(outcome);
    }
    const absl::Time shown_until = Show(events);
    co_await changed_.WaitFor(
        std::min(kCancelPollInterval, shown_until - SteadyNow()));
  }
  // 3. Verify the phone's proof and answer it.
  absl::StatusOr<Device> device = co_await AnswerPhone(events);
  co_return device;
}

asio::awaitable<absl::StatusOr<Device>> DevicePairing::AnswerPhone(
    PairingEvents* events) {
  std::variant<PairingResult, PairingRefusal> verdict =
      AcceptPairSuccess(*pair_success_, device_, options_.clock());
  if (const auto* accepted = std::get_if<PairingResult>(&verdict)) {
    absl::Status may_link =
        events->MayLink(accepted->device.jid.WithoutDevice());
    if (!may_link.ok()) {
      verdict = DeclinePairSuccess(*pair_success_, std::move(may_link));
    }
  }
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
  // The device is linked once the server has our answer: it requests a new
  // connection (515), or just closes this one.
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

}  // namespace portrait::whatsapp
