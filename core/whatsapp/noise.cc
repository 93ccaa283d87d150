#include "core/whatsapp/noise.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/certificate.h"
#include "core/whatsapp/frame.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::whatsapp {
namespace {

// Exactly 32 bytes, so Noise uses it as it is instead of hashing it.
constexpr absl::string_view kProtocolName(
    "Noise_XX_25519_AESGCM_SHA256\0\0\0\0", 32);

// Eight zero bytes, then the counter.
std::string Nonce(uint32_t counter) {
  std::string nonce(kGcmNonceBytes, '\0');
  for (int i = 0; i < 4; ++i) {
    nonce[kGcmNonceBytes - 1 - i] = static_cast<char>(counter >> (8 * i));
  }
  return nonce;
}

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("Noise handshake: ", what));
}

}  // namespace

NoiseState::NoiseState(absl::string_view prologue)
    : hash_(kProtocolName), chaining_key_(kProtocolName), key_(kProtocolName) {
  MixHash(prologue);
}

void NoiseState::MixHash(absl::string_view data) {
  hash_ = Sha256(absl::StrCat(hash_, data));
}

void NoiseState::MixKey(absl::string_view input) {
  const std::string output =
      HkdfSha256(input, chaining_key_, /*info=*/"", 2 * kKeyBytes);
  chaining_key_ = output.substr(0, kKeyBytes);
  key_ = output.substr(kKeyBytes);
  counter_ = 0;
}

absl::Status NoiseState::MixSharedSecret(absl::string_view private_key,
                                         absl::string_view public_key) {
  ASSIGN_OR_RETURN(const std::string shared, X25519(private_key, public_key));
  MixKey(shared);
  return absl::OkStatus();
}

std::string NoiseState::EncryptAndHash(absl::string_view plaintext) {
  std::string ciphertext =
      AesGcmEncrypt(key_, Nonce(counter_++), hash_, plaintext);
  MixHash(ciphertext);
  return ciphertext;
}

absl::StatusOr<std::string> NoiseState::DecryptAndHash(
    absl::string_view ciphertext) {
  ASSIGN_OR_RETURN(std::string plaintext,
                   AesGcmDecrypt(key_, Nonce(counter_++), hash_, ciphertext));
  MixHash(ciphertext);
  return plaintext;
}

NoiseState::TransportKeys NoiseState::Split() const {
  const std::string output =
      HkdfSha256(/*input_key=*/"", chaining_key_, /*info=*/"", 2 * kKeyBytes);
  return {output.substr(0, kKeyBytes), output.substr(kKeyBytes)};
}

NoiseClientHandshake::NoiseClientHandshake(Options options, KeyPair noise_key,
                                           KeyPair ephemeral)
    : options_(std::move(options)),
      noise_key_(std::move(noise_key)),
      ephemeral_(std::move(ephemeral)),
      state_(kConnectionHeader) {}

std::string NoiseClientHandshake::ClientHello() {
  state_.MixHash(ephemeral_.public_key);
  proto::HandshakeMessage message;
  message.mutable_client_hello()->set_ephemeral(ephemeral_.public_key);
  return message.SerializeAsString();
}

absl::StatusOr<std::string> NoiseClientHandshake::OnServerHello(
    absl::string_view server_hello, absl::string_view client_payload) {
  proto::HandshakeMessage message;
  if (!message.ParseFromArray(server_hello.data(),
                              static_cast<int>(server_hello.size())) ||
      !message.has_server_hello()) {
    return Malformed("the server's answer is no ServerHello");
  }
  const auto& hello = message.server_hello();
  if (hello.ephemeral().size() != kKeyBytes || !hello.has_static_() ||
      !hello.has_payload()) {
    return Malformed("the ServerHello is incomplete");
  }
  // e, ee
  state_.MixHash(hello.ephemeral());
  RETURN_IF_ERROR(
      state_.MixSharedSecret(ephemeral_.private_key, hello.ephemeral()));
  // s, es, and the certificates of s
  ASSIGN_OR_RETURN(const std::string server_key,
                   state_.DecryptAndHash(hello.static_()));
  RETURN_IF_ERROR(state_.MixSharedSecret(ephemeral_.private_key, server_key));
  ASSIGN_OR_RETURN(const std::string chain,
                   state_.DecryptAndHash(hello.payload()));
  RETURN_IF_ERROR(VerifyCertificateChain(chain, options_.root_public_key,
                                         server_key, options_.now));
  // s, se
  proto::HandshakeMessage answer;
  auto* const finish = answer.mutable_client_finish();
  finish->set_static_(state_.EncryptAndHash(noise_key_.public_key));
  RETURN_IF_ERROR(
      state_.MixSharedSecret(noise_key_.private_key, hello.ephemeral()));
  finish->set_payload(state_.EncryptAndHash(client_payload));
  return answer.SerializeAsString();
}

absl::StatusOr<std::string> NoiseCipher::Encrypt(absl::string_view plaintext) {
  if (counter_ > std::numeric_limits<uint32_t>::max()) {
    return absl::ResourceExhaustedError(
        "Noise: 2^32 frames sent under one key");
  }
  return AesGcmEncrypt(key_, Nonce(static_cast<uint32_t>(counter_++)),
                       /*associated_data=*/"", plaintext);
}

absl::StatusOr<std::string> NoiseCipher::Decrypt(absl::string_view ciphertext) {
  if (counter_ > std::numeric_limits<uint32_t>::max()) {
    return absl::ResourceExhaustedError(
        "Noise: 2^32 frames received under one key");
  }
  return AesGcmDecrypt(key_, Nonce(static_cast<uint32_t>(counter_++)),
                       /*associated_data=*/"", ciphertext);
}

}  // namespace portrait::whatsapp
