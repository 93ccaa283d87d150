#include "core/whatsapp/frame_socket.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/whatsapp/deadline.h"
#include "core/whatsapp/noise_client.h"

namespace portrait::whatsapp {
namespace {

namespace asio = boost::asio;

// Receives messages until the next frame is complete, and returns its payload.
// Both arguments must outlive the coroutine.
asio::awaitable<absl::StatusOr<std::string>> NextFrame(Transport* transport,
                                                       FrameDecoder* decoder) {
  for (;;) {
    CO_ASSIGN_OR_RETURN(std::optional<std::string> frame, decoder->NextFrame());
    if (frame.has_value()) co_return std::move(*frame);
    CO_ASSIGN_OR_RETURN(const std::string message,
                        co_await transport->Receive());
    decoder->Append(message);
  }
}

const char* NameOf(NoisePattern pattern) {
  switch (pattern) {
    case NoisePattern::kXX:
      return "in full";
    case NoisePattern::kIK:
      return "resumed";
    case NoisePattern::kXXfallback:
      return "in full, the server did not resume";
  }
  return "";
}

// The messages of the handshake; see noise.h.
asio::awaitable<absl::StatusOr<NoiseState::TransportKeys>> ShakeHands(
    Transport* transport, FrameDecoder* decoder, FrameSocket::Options options,
    ServerCertificate* server) {
  NoiseClientHandshake::Options handshake_options = {
      .root_public_key = std::move(options.root_public_key),
      .now = options.now,
      .known_server = std::exchange(*server, {})};
  NoiseClientHandshake handshake(std::move(handshake_options),
                                 std::move(options.noise_key), MakeKeyPair(),
                                 std::move(options.client_payload));
  // 1. The preamble has no length and shares the first frame's message.
  CO_ASSIGN_OR_RETURN(const std::string hello, handshake.ClientHello());
  CO_ASSIGN_OR_RETURN(std::string hello_frame, EncodeFrame(hello));
  hello_frame.insert(0, ConnectionPreamble(options.routing_info));
  CO_RETURN_IF_ERROR(co_await transport->Send(std::move(hello_frame)));
  // 2. The server proves its identity.
  CO_ASSIGN_OR_RETURN(const std::string answer,
                      co_await NextFrame(transport, decoder));
  CO_ASSIGN_OR_RETURN(const std::optional<std::string> finish,
                      handshake.OnServerHello(answer));
  // 3. We prove ours, unless the first message already did.
  if (finish.has_value()) {
    CO_ASSIGN_OR_RETURN(std::string finish_frame, EncodeFrame(*finish));
    CO_RETURN_IF_ERROR(co_await transport->Send(std::move(finish_frame)));
  }
  LogDebug("handshake done {}", NameOf(handshake.pattern()));
  *server = handshake.server();
  co_return handshake.Split();
}

}  // namespace

FrameSocket::FrameSocket(std::unique_ptr<Transport> transport,
                         FrameDecoder decoder, NoiseState::TransportKeys keys)
    : transport_(std::move(transport)),
      decoder_(std::move(decoder)),
      sending_(std::move(keys.client_to_server)),
      receiving_(std::move(keys.server_to_client)) {}

asio::awaitable<absl::StatusOr<std::unique_ptr<FrameSocket>>> FrameSocket::Open(
    asio::any_io_executor strand, std::unique_ptr<Transport> transport,
    Options options, ServerCertificate* server) {
  FrameDecoder decoder;
  const absl::Duration timeout = options.timeout;
  Transport* const line = transport.get();
  Deadline deadline(strand, timeout, [line] { line->Close(); });
  absl::StatusOr<NoiseState::TransportKeys> keys =
      co_await ShakeHands(line, &decoder, std::move(options), server);
  if (deadline.expired()) {
    co_return absl::DeadlineExceededError(
        absl::StrCat("handshake: the server did not answer within ",
                     absl::FormatDuration(timeout)));
  }
  CO_RETURN_IF_ERROR(keys.status());
  co_return std::unique_ptr<FrameSocket>(new FrameSocket(
      std::move(transport), std::move(decoder), *std::move(keys)));
}

absl::StatusOr<std::string> FrameSocket::Seal(absl::string_view plaintext) {
  ASSIGN_OR_RETURN(const std::string sealed, sending_.Encrypt(plaintext));
  return EncodeFrame(sealed);
}

asio::awaitable<absl::StatusOr<std::string>> FrameSocket::Receive() {
  CO_ASSIGN_OR_RETURN(const std::string sealed,
                      co_await NextFrame(transport_.get(), &decoder_));
  co_return receiving_.Decrypt(sealed);
}

}  // namespace portrait::whatsapp
