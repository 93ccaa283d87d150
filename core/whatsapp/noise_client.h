// The client's side of the handshakes in noise.h.
#ifndef PORTRAIT_CORE_WHATSAPP_NOISE_CLIENT_H_
#define PORTRAIT_CORE_WHATSAPP_NOISE_CLIENT_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/certificate.h"
#include "core/whatsapp/crypto.h"
#include "core/whatsapp/noise.h"

namespace portrait::whatsapp {

// One handshake; call each step once, in order. Thread-compatible.
class NoiseClientHandshake {
 public:
  struct Options {
    std::string root_public_key;  // 32 bytes; signs the server's chain
    absl::Time now;               // certificates must be valid then
    // The server key that an earlier handshake verified. If it is valid, the
    // handshake resumes with it; otherwise, or if it is empty, it is a full
    // handshake.
    ServerCertificate known_server;
  };

  // `noise_key` is the device's long-lived static key, `ephemeral` this
  // connection's key; `client_payload` identifies the client to the server.
  NoiseClientHandshake(Options options, KeyPair noise_key, KeyPair ephemeral,
                       std::string client_payload);

  // 1. Returns the payload of the first frame.
  //
  // Errors: INVALID_ARGUMENT if the known server's key is of low order.
  absl::StatusOr<std::string> ClientHello();

  // 2. Reads the server's answer, verifies its certificate chain and returns
  // the payload of the last frame; nothing if the handshake is complete without
  // it.
  //
  // Errors: UNAUTHENTICATED for a chain that does not verify (root, issuer,
  // leaf key, dates), INVALID_ARGUMENT for a malformed or undecryptable hello.
  // After an error the known server key must not be used again.
  absl::StatusOr<std::optional<std::string>> OnServerHello(
      absl::string_view server_hello);

  // kIK from the start if the handshake resumes; kXXfallback after
  // OnServerHello if the server did not accept that.
  NoisePattern pattern() const { return pattern_; }

  // 3. Call it after OnServerHello.
  NoiseState::TransportKeys Split() const { return state_.Split(); }
  // The verified key, for resuming from now on.
  const ServerCertificate& server() const { return server_; }

  const NoiseState& state() const { return state_; }

 private:
  absl::Status OnShortHello(absl::string_view server_ephemeral,
                            absl::string_view sealed_chain);
  absl::StatusOr<std::string> OnFullHello(absl::string_view server_ephemeral,
                                          absl::string_view sealed_key,
                                          absl::string_view sealed_chain);

  const Options options_;
  const KeyPair noise_key_;
  const KeyPair ephemeral_;
  const std::string client_payload_;
  NoisePattern pattern_;
  NoiseState state_;
  ServerCertificate server_;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_NOISE_CLIENT_H_
