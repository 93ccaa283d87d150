#include "tests/whatsapp_sim/protocol/server_connection.h"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/whatsapp/deadline.h"
#include "core/whatsapp/node_codec.h"
#include "tests/whatsapp_sim/protocol/rules.h"

namespace portrait::sim {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using whatsapp::NoiseServerHandshake;

constexpr absl::Duration kHandshakeTimeout = absl::Seconds(20);
// The time that a client has to close its side.
constexpr absl::Duration kFinishTimeout = absl::Seconds(3);

// The most bytes of frames in one WebSocket message.
constexpr size_t kMaxMessageBytes = 64 * 1024;
// The most queued bytes for a client that does not read.
constexpr size_t kMaxOutboxBytes = 64 * 1024 * 1024;
constexpr size_t kMaxLaterStanzas = 200'000;
// Stanzas from this size on are compressed.
constexpr size_t kCompressFromBytes = 4096;
// The largest frame of a client; prekey uploads are the largest stanzas.
constexpr size_t kMaxClientFrameBytes = 8 * 1024 * 1024;

// The routing preamble: "ED" 00 01, a 3-byte length, then that many bytes.
constexpr absl::string_view kRoutingHeader("ED\x00\x01", 4);
constexpr size_t kRoutingLengthBytes = 3;
constexpr size_t kMaxRoutingBytes = 16 * 1024;

std::string EncodeStanza(const whatsapp::Node& stanza) {
  std::string plaintext = whatsapp::EncodeNode(stanza);
  if (plaintext.size() < kCompressFromBytes) return plaintext;
  return whatsapp::EncodeCompressedNode(stanza);
}

// The size of the opening at the start of `bytes`; 0 if it is incomplete.
absl::StatusOr<size_t> OpeningBytes(absl::string_view bytes) {
  size_t start = 0;
  if (absl::StartsWith(bytes, kRoutingHeader)) {
    start = kRoutingHeader.size() + kRoutingLengthBytes;
    if (bytes.size() < start) return 0;
    size_t routing = 0;
    for (size_t i = kRoutingHeader.size(); i < start; ++i) {
      routing = routing << 8 | static_cast<unsigned char>(bytes[i]);
    }
    if (routing > kMaxRoutingBytes) {
      return Broken(Rule::kOpening, "the routing info is too long");
    }
    start += routing;
  }
  const absl::string_view header =
      start < bytes.size()
          ? bytes.substr(start, whatsapp::kConnectionHeader.size())
          : absl::string_view();
  const bool may_be_routing =
      start == 0 && absl::StartsWith(kRoutingHeader, header);
  if (!absl::StartsWith(whatsapp::kConnectionHeader, header) &&
      !may_be_routing) {
    return Broken(Rule::kOpening, "the header is not WA 06 03");
  }
  if (header.size() < whatsapp::kConnectionHeader.size()) return 0;
  return start + header.size();
}

}  // namespace

ServerConnection::ServerConnection(asio::any_io_executor strand,
                                   std::unique_ptr<ServerTransport> transport)
    : strand_(std::move(strand)),
      transport_(std::move(transport)),
      decoder_(kMaxClientFrameBytes),
      last_received_(std::chrono::steady_clock::now()),
      later_timer_(strand_),
      finish_timer_(strand_) {}

asio::awaitable<absl::Status> ServerConnection::ReadOpening() {
  std::string bytes;
  for (;;) {
    CO_ASSIGN_OR_RETURN(const std::string message,
                        co_await transport_->Receive());
    bytes.append(message);
    CO_ASSIGN_OR_RETURN(const size_t opening, OpeningBytes(bytes));
    if (opening == 0) continue;
    decoder_.Append(absl::string_view(bytes).substr(opening));
    co_return absl::OkStatus();
  }
}

asio::awaitable<absl::StatusOr<std::string>> ServerConnection::ReceiveFrame() {
  for (;;) {
    CO_ASSIGN_OR_RETURN(std::optional<std::string> frame, decoder_.NextFrame());
    if (frame.has_value()) co_return *std::move(frame);
    CO_ASSIGN_OR_RETURN(const std::string message,
                        co_await transport_->Receive());
    last_received_ = std::chrono::steady_clock::now();
    decoder_.Append(message);
  }
}

asio::awaitable<absl::StatusOr<NoiseServerHandshake::Client>>
ServerConnection::ShakeHands(NoiseServerHandshake::Options options) {
  const whatsapp::Deadline deadline(strand_, kHandshakeTimeout,
                                    [this] { Close(); });
  CO_RETURN_IF_ERROR(co_await ReadOpening());
  NoiseServerHandshake handshake(std::move(options), whatsapp::MakeKeyPair());
  CO_ASSIGN_OR_RETURN(const std::string client_hello, co_await ReceiveFrame());
  CO_ASSIGN_OR_RETURN(const std::string server_hello,
                      handshake.OnClientHello(client_hello));
  CO_ASSIGN_OR_RETURN(std::string frame, whatsapp::EncodeFrame(server_hello));
  CO_RETURN_IF_ERROR(co_await transport_->Send(std::move(frame)));
  pattern_ = handshake.pattern();
  NoiseServerHandshake::Client client = handshake.client();
  if (pattern_ != whatsapp::NoisePattern::kIK) {
    CO_ASSIGN_OR_RETURN(const std::string client_finish,
                        co_await ReceiveFrame());
    CO_ASSIGN_OR_RETURN(client, handshake.OnClientFinish(client_finish));
  }
  const whatsapp::NoiseState::TransportKeys keys = handshake.Split();
  receive_cipher_ =
      std::make_unique<whatsapp::NoiseCipher>(keys.client_to_server);
  send_cipher_ = std::make_unique<whatsapp::NoiseCipher>(keys.server_to_client);
  co_return client;
}

asio::awaitable<absl::StatusOr<whatsapp::Node>> ServerConnection::Receive() {
  CO_ASSIGN_OR_RETURN(const std::string frame, co_await ReceiveFrame());
  CO_ASSIGN_OR_RETURN(const std::string plaintext,
                      receive_cipher_->Decrypt(frame));
  co_return whatsapp::DecodeNode(plaintext);
}

void ServerConnection::Send(const whatsapp::Node& stanza) {
  Enqueue(EncodeStanza(stanza));
}

void ServerConnection::SendLater(const whatsapp::Node& stanza,
                                 absl::Duration delay) {
  if (delay <= absl::ZeroDuration()) return Send(stanza);
  SendBytesLater(EncodeStanza(stanza), delay);
}

void ServerConnection::SendBytesLater(std::string plaintext,
                                      absl::Duration delay) {
  if (closed_ || finishing_ || later_.size() >= kMaxLaterStanzas) return;
  const TimePoint due =
      std::chrono::steady_clock::now() + whatsapp::ToTimerDuration(delay);
  const auto added = later_.emplace(due, std::move(plaintext));
  if (added == later_.begin()) WaitForNextLater();
}

void ServerConnection::WaitForNextLater() {
  if (later_.empty()) return;
  later_timer_.expires_at(later_.begin()->first);
  later_timer_.async_wait(
      [self = shared_from_this()](const error_code& cancelled) {
        if (!cancelled) self->OnLaterDue();
      });
}

void ServerConnection::OnLaterDue() {
  const TimePoint now = std::chrono::steady_clock::now();
  while (!later_.empty() && later_.begin()->first <= now) {
    Enqueue(later_.begin()->second);
    later_.erase(later_.begin());
  }
  WaitForNextLater();
}

void ServerConnection::Enqueue(absl::string_view plaintext) {
  if (closed_ || finishing_) return;
  const absl::StatusOr<std::string> ciphertext =
      send_cipher_->Encrypt(plaintext);
  absl::StatusOr<std::string> frame = ciphertext.ok()
                                          ? whatsapp::EncodeFrame(*ciphertext)
                                          : ciphertext.status();
  if (!frame.ok() || outbox_bytes_ + frame->size() > kMaxOutboxBytes) {
    LogWarning("connection: closed, the client does not read its answers");
    return Close();
  }
  outbox_bytes_ += frame->size();
  if (!outbox_.empty() &&
      outbox_.back().size() + frame->size() <= kMaxMessageBytes) {
    outbox_.back().append(*frame);
  } else {
    outbox_.push_back(*std::move(frame));
  }
  if (writing_) return;
  writing_ = true;
  asio::co_spawn(strand_, WriteAll(shared_from_this()), asio::detached);
}

asio::awaitable<void> ServerConnection::WriteAll(
    std::shared_ptr<ServerConnection> self) {
  while (!self->outbox_.empty() && !self->closed_) {
    std::string message = std::move(self->outbox_.front());
    self->outbox_.pop_front();
    self->outbox_bytes_ -= message.size();
    const absl::Status status =
        co_await self->transport_->Send(std::move(message));
    if (!status.ok()) self->Close();
  }
  self->writing_ = false;
  if (self->finishing_) self->transport_->FinishSending();
}

void ServerConnection::FinishSending() {
  if (closed_ || std::exchange(finishing_, true)) return;
  later_.clear();
  later_timer_.cancel();
  if (!writing_) transport_->FinishSending();
  AwaitClose();
}

void ServerConnection::AwaitClose() {
  finish_timer_.expires_after(whatsapp::ToTimerDuration(kFinishTimeout));
  finish_timer_.async_wait(
      [self = shared_from_this()](const error_code& cancelled) {
        if (!cancelled) self->Close();
      });
}

void ServerConnection::Close() {
  if (std::exchange(closed_, true)) return;
  later_.clear();
  later_timer_.cancel();
  finish_timer_.cancel();
  transport_->Close();
}

}  // namespace portrait::sim
