#include "core/whatsapp/noise_client.h"

#include <utility>

#include "core/base/status_macros.h"
#include "core/whatsapp/frame.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::whatsapp {
NoiseClientHandshake::NoiseClientHandshake(Options options, KeyPair noise_key,
                                           KeyPair ephemeral,
                                           std::string client_payload)
    : options_(std::move(options)),
      noise_key_(std::move(noise_key)),
      ephemeral_(std::move(ephemeral)),
      client_payload_(std::move(client_payload)),
      pattern_(options_.known_server.IsValidAt(options_.now)
                   ? NoisePattern::kIK
                   : NoisePattern::kXX),
      state_(pattern_, kConnectionHeader) {}

absl::StatusOr<std::string> NoiseClientHandshake::ClientHello() {
  proto::HandshakeMessage message;
  auto* const hello = message.mutable_client_hello();
  hello->set_ephemeral(ephemeral_.public_key);
  const std::string& server_key = options_.known_server.public_key;
  if (pattern_ == NoisePattern::kIK) state_.MixHash(server_key);
  // e
  state_.MixHash(ephemeral_.public_key);
  if (pattern_ == NoisePattern::kIK) {
    // es, s, ss
    RETURN_IF_ERROR(state_.MixSharedSecret(ephemeral_.private_key, server_key));
    hello->set_static_(state_.EncryptAndHash(noise_key_.public_key));
    RETURN_IF_ERROR(state_.MixSharedSecret(noise_key_.private_key, server_key));
    hello->set_payload(state_.EncryptAndHash(client_payload_));
  }
  return message.SerializeAsString();
}

absl::StatusOr<std::optional<std::string>> NoiseClientHandshake::OnServerHello(
    absl::string_view server_hello) {
  proto::HandshakeMessage message;
  if (!message.ParseFromArray(server_hello.data(),
                              static_cast<int>(server_hello.size())) ||
      !message.has_server_hello()) {
    return MalformedHandshake("the server's answer is not a ServerHello");
  }
  const auto& hello = message.server_hello();
  const bool resumed = pattern_ == NoisePattern::kIK && hello.static_().empty();
  if (hello.ephemeral().size() != kKeyBytes || !hello.has_payload() ||
      (!resumed && !hello.has_static_())) {
    return MalformedHandshake("the ServerHello is incomplete");
  }
  if (resumed) {
    RETURN_IF_ERROR(OnShortHello(hello.ephemeral(), hello.payload()));
    return std::optional<std::string>();
  }
  if (pattern_ == NoisePattern::kIK) {
    // The server keeps only the e of the hello.
    pattern_ = NoisePattern::kXXfallback;
    state_ = NoiseState(pattern_, kConnectionHeader);
    state_.MixHash(ephemeral_.public_key);
  }
  ASSIGN_OR_RETURN(
      std::string finish,
      OnFullHello(hello.ephemeral(), hello.static_(), hello.payload()));
  return std::optional<std::string>(std::move(finish));
}

absl::Status NoiseClientHandshake::OnShortHello(
    absl::string_view server_ephemeral, absl::string_view sealed_chain) {
  // e, ee, se
  state_.MixHash(server_ephemeral);
  RETURN_IF_ERROR(
      state_.MixSharedSecret(ephemeral_.private_key, server_ephemeral));
  RETURN_IF_ERROR(
      state_.MixSharedSecret(noise_key_.private_key, server_ephemeral));
  // Only the owner of the known key's private half can seal this.
  ASSIGN_OR_RETURN(const std::string chain,
                   state_.DecryptAndHash(sealed_chain));
  server_ = options_.known_server;
  // A server may leave out a certificate chain that it has sent before.
  if (chain.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(server_,
                   VerifyCertificateChain(chain, options_.root_public_key,
                                          server_.public_key, options_.now));
  return absl::OkStatus();
}

absl::StatusOr<std::string> NoiseClientHandshake::OnFullHello(
    absl::string_view server_ephemeral, absl::string_view sealed_key,
    absl::string_view sealed_chain) {
  // e, ee
  state_.MixHash(server_ephemeral);
  RETURN_IF_ERROR(
      state_.MixSharedSecret(ephemeral_.private_key, server_ephemeral));
  // s, es, and the certificates of s
  ASSIGN_OR_RETURN(const std::string server_key,
                   state_.DecryptAndHash(sealed_key));
  RETURN_IF_ERROR(state_.MixSharedSecret(ephemeral_.private_key, server_key));
  ASSIGN_OR_RETURN(const std::string chain,
                   state_.DecryptAndHash(sealed_chain));
  ASSIGN_OR_RETURN(server_,
                   VerifyCertificateChain(chain, options_.root_public_key,
                                          server_key, options_.now));
  // s, se
  proto::HandshakeMessage answer;
  auto* const finish = answer.mutable_client_finish();
  finish->set_static_(state_.EncryptAndHash(noise_key_.public_key));
  RETURN_IF_ERROR(
      state_.MixSharedSecret(noise_key_.private_key, server_ephemeral));
  finish->set_payload(state_.EncryptAndHash(client_payload_));
  return answer.SerializeAsString();
}

}  // namespace portrait::whatsapp
