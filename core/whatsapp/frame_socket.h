// FrameSocket is the encrypted channel over a Transport: one Noise handshake,
// then frames in both directions.
#ifndef PORTRAIT_CORE_WHATSAPP_FRAME_SOCKET_H_
#define PORTRAIT_CORE_WHATSAPP_FRAME_SOCKET_H_

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/certificate.h"
#include "core/whatsapp/crypto.h"
#include "core/whatsapp/frame.h"
#include "core/whatsapp/noise.h"
#include "core/whatsapp/transport.h"

namespace portrait::whatsapp {

// Confined to the strand of its transport. One Send and one Receive may be
// pending at once; it must outlive them.
class FrameSocket {
 public:
  struct Options {
    std::string root_public_key;  // certifies the server
    absl::Time now;               // for verifying certificates
    absl::Duration timeout;       // for the whole handshake
    KeyPair noise_key;
    std::string routing_info;    // empty: none
    std::string client_payload;  // serialized
  };

  // Runs the handshake over `transport`, which must be unused. `*server` has
  // the known server key to resume with, and is set to the verified one; after
  // a failure it is cleared, so that the next handshake is a full one. It must
  // outlive the call.
  //
  // Errors: those of NoiseClientHandshake and Transport, RESOURCE_EXHAUSTED for
  // a frame over the limit, DEADLINE_EXCEEDED.
  static boost::asio::awaitable<absl::StatusOr<std::unique_ptr<FrameSocket>>>
  Open(boost::asio::any_io_executor strand,
       std::unique_ptr<Transport> transport, Options options,
       ServerCertificate* server);

  // Returns the frame for `plaintext`. Each call takes the next counter, so
  // send frames in the order of the calls.
  //
  // Errors: those of EncodeFrame and NoiseCipher::Encrypt.
  absl::StatusOr<std::string> Seal(absl::string_view plaintext);

  // Sends one frame per message, so that a server need not split messages.
  boost::asio::awaitable<absl::Status> Send(std::string frame) {
    return transport_->Send(std::move(frame));
  }

  // Receives the next frame and decrypts it.
  //
  // Errors: UNAVAILABLE if the connection is closed; any other error means that
  // a frame, and so every later frame, is unreadable.
  boost::asio::awaitable<absl::StatusOr<std::string>> Receive();

  // Ends pending operations at once. Idempotent.
  void Close() { transport_->Close(); }

 private:
  FrameSocket(std::unique_ptr<Transport> transport, FrameDecoder decoder,
              NoiseState::TransportKeys keys);

  const std::unique_ptr<Transport> transport_;
  FrameDecoder decoder_;
  NoiseCipher sending_;
  NoiseCipher receiving_;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_FRAME_SOCKET_H_
