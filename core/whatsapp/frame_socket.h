// FrameSocket is the encrypted channel over a Transport: the Noise handshake
// once, then frames both ways.
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
// under way at once; it must outlive them.
class FrameSocket {
 public:
  struct Options {
    std::string root_public_key;  // certifies the server
    absl::Time now;               // for certificates
    absl::Duration timeout;       // of the whole handshake
    KeyPair noise_key;
    std::string routing_info;    // empty: none
    std::string client_payload;  // serialized
  };

  // Shakes hands over `transport`, which nothing was sent on yet. `*server` is
  // what was known of the server, to resume with, and then what is; nothing
  // after a failure, so that the next handshake is in full. It outlives the
  // call.
  //
  // Errors: those of NoiseClientHandshake and Transport, RESOURCE_EXHAUSTED for
  // a frame over the limit, DEADLINE_EXCEEDED.
  static boost::asio::awaitable<absl::StatusOr<std::unique_ptr<FrameSocket>>>
  Open(boost::asio::any_io_executor strand,
       std::unique_ptr<Transport> transport, Options options,
       ServerCertificate* server);

  // The frame that carries `plaintext`, to be sent in the order of these calls:
  // each takes the next counter.
  //
  // Errors: those of EncodeFrame and NoiseCipher::Encrypt.
  absl::StatusOr<std::string> Seal(absl::string_view plaintext);

  // One frame a message: no server has to find out where the next begins.
  boost::asio::awaitable<absl::Status> Send(std::string frame) {
    return transport_->Send(std::move(frame));
  }

  // The next frame, decrypted.
  //
  // Errors: UNAVAILABLE when the line is gone; anything else when what came
  // cannot be read, after which nothing more can be.
  boost::asio::awaitable<absl::StatusOr<std::string>> Receive();

  // Ends what is under way at once. Idempotent.
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
