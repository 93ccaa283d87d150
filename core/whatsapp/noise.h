// Noise_XX_25519_AESGCM_SHA256, as WhatsApp runs it inside its frames.
//
//   C → S  HandshakeMessage.clientHello  {e}
//   S → C  HandshakeMessage.serverHello  {e, ee, s, es, payload = CertChain}
//   C → S  HandshakeMessage.clientFinish {s, se, payload = ClientPayload}
#ifndef PORTRAIT_CORE_WHATSAPP_NOISE_H_
#define PORTRAIT_CORE_WHATSAPP_NOISE_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/crypto.h"

namespace portrait::whatsapp {

// The symmetric state that both sides keep in step. Thread-compatible.
class NoiseState {
 public:
  // Starts from the protocol name and mixes in `prologue`.
  explicit NoiseState(absl::string_view prologue);

  void MixHash(absl::string_view data);
  void MixKey(absl::string_view input);
  // MixKey(X25519(…)). Errors: INVALID_ARGUMENT, see X25519().
  absl::Status MixSharedSecret(absl::string_view private_key,
                               absl::string_view public_key);
  std::string EncryptAndHash(absl::string_view plaintext);
  // Errors: INVALID_ARGUMENT when the tag does not match.
  absl::StatusOr<std::string> DecryptAndHash(absl::string_view ciphertext);

  struct TransportKeys {
    std::string client_to_server;
    std::string server_to_client;
  };
  TransportKeys Split() const;

  // For the vectors.
  const std::string& hash() const { return hash_; }
  const std::string& chaining_key() const { return chaining_key_; }
  const std::string& key() const { return key_; }
  uint32_t counter() const { return counter_; }

 private:
  std::string hash_;
  std::string chaining_key_;
  std::string key_;
  uint32_t counter_ = 0;
};

// The client's side of one handshake; each step once, in order.
// Thread-compatible.
class NoiseClientHandshake {
 public:
  struct Options {
    std::string root_public_key;  // 32 bytes; signs the server's chain
    absl::Time now;               // certificates must be valid then
  };

  // `noise_key` is the device's long-lived static key, `ephemeral` this
  // connection's.
  NoiseClientHandshake(Options options, KeyPair noise_key, KeyPair ephemeral);

  // 1. The payload of the first frame.
  std::string ClientHello();

  // 2. Reads the server's answer, checks its certificate chain and returns the
  // payload of the last frame, which carries `client_payload`.
  //
  // Errors: UNAUTHENTICATED for a chain that does not verify (root, issuer,
  // leaf key, dates), INVALID_ARGUMENT for a malformed or undecryptable hello.
  absl::StatusOr<std::string> OnServerHello(absl::string_view server_hello,
                                            absl::string_view client_payload);

  // 3. After OnServerHello.
  NoiseState::TransportKeys Split() const { return state_.Split(); }

  const NoiseState& state() const { return state_; }

 private:
  const Options options_;
  const KeyPair noise_key_;
  const KeyPair ephemeral_;
  NoiseState state_;
};

// One direction after the handshake: AES-256-GCM, empty additional data, a
// 32-bit counter from 0. Thread-compatible.
class NoiseCipher {
 public:
  explicit NoiseCipher(std::string key) : key_(std::move(key)) {}

  // Errors: RESOURCE_EXHAUSTED before the counter would wrap.
  absl::StatusOr<std::string> Encrypt(absl::string_view plaintext);
  // Errors: INVALID_ARGUMENT when the tag does not match; the counter has then
  // moved on and the connection is of no more use.
  absl::StatusOr<std::string> Decrypt(absl::string_view ciphertext);

 private:
  const std::string key_;
  uint64_t counter_ = 0;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_NOISE_H_
