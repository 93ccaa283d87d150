// The server's side of the handshakes in noise.h, for the simulated WhatsApp.
#ifndef PORTRAIT_CORE_WHATSAPP_NOISE_SERVER_H_
#define PORTRAIT_CORE_WHATSAPP_NOISE_SERVER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/crypto.h"
#include "core/whatsapp/noise.h"

namespace portrait::whatsapp {

// One handshake; call each step once, in order. Thread-compatible.
class NoiseServerHandshake {
 public:
  struct Options {
    KeyPair static_key;
    std::string certificate_chain;  // for static_key, see certificate.h
  };

  struct Client {
    std::string noise_public_key;  // identifies the device
    std::string payload;           // a serialized ClientPayload
  };

  // `ephemeral` is this connection's key.
  NoiseServerHandshake(Options options, KeyPair ephemeral);

  // 1. Reads the payload of the client's first frame and returns the server's
  // payload. If a client resumes with another server key, or its payload cannot
  // be decrypted, it must do the full handshake.
  //
  // Errors: INVALID_ARGUMENT for a malformed hello or a low-order key.
  absl::StatusOr<std::string> OnClientHello(absl::string_view client_hello);

  // After OnClientHello: kIK if the handshake is complete.
  NoisePattern pattern() const { return pattern_; }
  // Valid after OnClientHello for kIK.
  const Client& client() const { return client_; }

  // 2. For other patterns, reads the payload of the client's second frame.
  //
  // Errors: INVALID_ARGUMENT if it is malformed or cannot be decrypted.
  absl::StatusOr<Client> OnClientFinish(absl::string_view client_finish);

  // 3. The server sends with server_to_client.
  NoiseState::TransportKeys Split() const { return state_.Split(); }

  const NoiseState& state() const { return state_; }

 private:
  // Decrypts the parts of the client's hello.
  absl::Status ReadResumption(absl::string_view client_ephemeral,
                              absl::string_view sealed_key,
                              absl::string_view sealed_payload);
  absl::StatusOr<std::string> MakeShortHello(
      absl::string_view client_ephemeral);
  absl::StatusOr<std::string> MakeFullHello(absl::string_view client_ephemeral);

  const Options options_;
  const KeyPair ephemeral_;
  NoisePattern pattern_ = NoisePattern::kXX;
  NoiseState state_;
  Client client_;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_NOISE_SERVER_H_
