// The Noise handshakes that WhatsApp runs inside its frames, all of them over
// 25519, AESGCM and SHA256.
//
// XX, in full, if the client has no key of the server:
//   C → S  HandshakeMessage.clientHello  {e}
//   S → C  HandshakeMessage.serverHello  {e, ee, s, es, payload = CertChain}
//   C → S  HandshakeMessage.clientFinish {s, se, payload = ClientPayload}
//
// IK, if the client has the server's key of an earlier handshake; the client
// may send its first stanza one round trip earlier:
//   C → S  HandshakeMessage.clientHello  {e, es, s, ss, payload}
//   S → C  HandshakeMessage.serverHello  {e, ee, se, payload = CertChain}
// The payload of IK's clientHello is the ClientPayload.
//
// XXfallback, if the server's key has changed: the server takes the e of IK's
// clientHello and continues as in XX.
#ifndef PORTRAIT_CORE_WHATSAPP_NOISE_H_
#define PORTRAIT_CORE_WHATSAPP_NOISE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::whatsapp {

// The error of a handshake message that cannot be used; INVALID_ARGUMENT.
absl::Status MalformedHandshake(absl::string_view what);

enum class NoisePattern { kXX, kIK, kXXfallback };

// The symmetric state, equal on both sides. Thread-compatible.
class NoiseState {
 public:
  // Starts from the pattern's name and mixes in `prologue`.
  NoiseState(NoisePattern pattern, absl::string_view prologue);

  void MixHash(absl::string_view data);
  void MixKey(absl::string_view input);
  // MixKey(X25519(…)). Errors: INVALID_ARGUMENT, see X25519().
  absl::Status MixSharedSecret(absl::string_view private_key,
                               absl::string_view public_key);
  std::string EncryptAndHash(absl::string_view plaintext);
  // Errors: INVALID_ARGUMENT if the tag does not match.
  absl::StatusOr<std::string> DecryptAndHash(absl::string_view ciphertext);

  struct TransportKeys {
    std::string client_to_server;
    std::string server_to_client;
  };
  TransportKeys Split() const;

  // For comparison with test vectors.
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

// One direction after the handshake: AES-256-GCM, empty additional data, a
// 32-bit counter from 0. Thread-compatible.
class NoiseCipher {
 public:
  explicit NoiseCipher(std::string key) : key_(std::move(key)) {}

  // Errors: RESOURCE_EXHAUSTED before the counter would overflow.
  absl::StatusOr<std::string> Encrypt(absl::string_view plaintext);
  // Errors: INVALID_ARGUMENT if the tag does not match; the counter has then
  // advanced, and the connection is unusable.
  absl::StatusOr<std::string> Decrypt(absl::string_view ciphertext);

 private:
  const std::string key_;
  uint64_t counter_ = 0;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_NOISE_H_
