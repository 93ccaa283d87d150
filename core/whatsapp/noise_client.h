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

// One handshake; each step once, in order. Thread-compatible.
class NoiseClientHandshake {
 public:
  struct Options {
    std::string root_public_key;  // 32 bytes; signs the server's chain
    absl::Time now;               // certificates must be valid then
    // What an earlier handshake proved. It is resumed with while it is valid;
    // else, and when there is none, the handshake is done in full.
    ServerCertificate known_server;
  };

  // `noise_key` is the device's long-lived static key, `ephemeral` this
  // connection's; `client_payload` tells the server who connects.
  NoiseClientHandshake(Options options, KeyPair noise_key, KeyPair ephemeral,
                       std::string client_payload);

  // 1. The payload of the first frame.
  //
  // Errors: INVALID_ARGUMENT when the known server's key is of low order.
  absl::StatusOr<std::string> ClientHello();

  // 2. Reads the server's answer, checks its certificate chain and returns the
  // payload of the last frame; nothing when the handshake is done without one.
  //
  // Errors: UNAUTHENTICATED for a chain that does not verify (root, issuer,
  // leaf key, dates), INVALID_ARGUMENT for a malformed or undecryptable hello.
  // After either what is known of the server is of no more use.
  absl::StatusOr<std::optional<std::string>> OnServerHello(
      absl::string_view server_hello);

  // kIK from the start where it resumes; kXXfallback after OnServerHello when
  // the server did not let it.
  NoisePattern pattern() const { return pattern_; }

  // 3. After OnServerHello.
  NoiseState::TransportKeys Split() const { return state_.Split(); }
  // To resume with from now on.
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
