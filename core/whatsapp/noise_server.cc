#include "core/whatsapp/noise_server.h"

#include <utility>

#include "absl/status/status.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/frame.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::whatsapp {
NoiseServerHandshake::NoiseServerHandshake(Options options, KeyPair ephemeral)
    : options_(std::move(options)),
      ephemeral_(std::move(ephemeral)),
      state_(pattern_, kConnectionHeader) {}

absl::StatusOr<std::string> NoiseServerHandshake::OnClientHello(
    absl::string_view client_hello) {
  proto::HandshakeMessage message;
  if (!message.ParseFromArray(client_hello.data(),
                              static_cast<int>(client_hello.size())) ||
      !message.has_client_hello()) {
    return MalformedHandshake(
        "the client's first message is not a ClientHello");
  }
  const auto& hello = message.client_hello();
  if (hello.ephemeral().size() != kKeyBytes) {
    return MalformedHandshake("the ClientHello has no key of 32 bytes");
  }
  if (hello.has_static_() != hello.has_payload()) {
    return MalformedHandshake(
        "the ClientHello has only some of the fields of a resumption");
  }
  if (hello.has_static_()) {
    pattern_ = NoisePattern::kIK;
    if (ReadResumption(hello.ephemeral(), hello.static_(), hello.payload())
            .ok()) {
      return MakeShortHello(hello.ephemeral());
    }
    pattern_ = NoisePattern::kXXfallback;
  }
  return MakeFullHello(hello.ephemeral());
}

absl::Status NoiseServerHandshake::ReadResumption(
    absl::string_view client_ephemeral, absl::string_view sealed_key,
    absl::string_view sealed_payload) {
  const std::string& own_private_key = options_.static_key.private_key;
  state_ = NoiseState(pattern_, kConnectionHeader);
  state_.MixHash(options_.static_key.public_key);
  // e, es, s, ss
  state_.MixHash(client_ephemeral);
  RETURN_IF_ERROR(state_.MixSharedSecret(own_private_key, client_ephemeral));
  ASSIGN_OR_RETURN(client_.noise_public_key, state_.DecryptAndHash(sealed_key));
  RETURN_IF_ERROR(
      state_.MixSharedSecret(own_private_key, client_.noise_public_key));
  ASSIGN_OR_RETURN(client_.payload, state_.DecryptAndHash(sealed_payload));
  return absl::OkStatus();
}

absl::StatusOr<std::string> NoiseServerHandshake::MakeShortHello(
    absl::string_view client_ephemeral) {
  proto::HandshakeMessage answer;
  auto* const hello = answer.mutable_server_hello();
  // e, ee, se
  hello->set_ephemeral(ephemeral_.public_key);
  state_.MixHash(ephemeral_.public_key);
  RETURN_IF_ERROR(
      state_.MixSharedSecret(ephemeral_.private_key, client_ephemeral));
  RETURN_IF_ERROR(
      state_.MixSharedSecret(ephemeral_.private_key, client_.noise_public_key));
  hello->set_payload(state_.EncryptAndHash(options_.certificate_chain));
  return answer.SerializeAsString();
}

absl::StatusOr<std::string> NoiseServerHandshake::MakeFullHello(
    absl::string_view client_ephemeral) {
  state_ = NoiseState(pattern_, kConnectionHeader);
  // e
  state_.MixHash(client_ephemeral);
  // e, ee
  proto::HandshakeMessage answer;
  auto* const hello = answer.mutable_server_hello();
  hello->set_ephemeral(ephemeral_.public_key);
  state_.MixHash(ephemeral_.public_key);
  RETURN_IF_ERROR(
      state_.MixSharedSecret(ephemeral_.private_key, client_ephemeral));
  // s, es, and the certificates of s
  hello->set_static_(state_.EncryptAndHash(options_.static_key.public_key));
  RETURN_IF_ERROR(state_.MixSharedSecret(options_.static_key.private_key,
                                         client_ephemeral));
  hello->set_payload(state_.EncryptAndHash(options_.certificate_chain));
  return answer.SerializeAsString();
}

absl::StatusOr<NoiseServerHandshake::Client>
NoiseServerHandshake::OnClientFinish(absl::string_view client_finish) {
  proto::HandshakeMessage message;
  if (!message.ParseFromArray(client_finish.data(),
                              static_cast<int>(client_finish.size())) ||
      !message.has_client_finish()) {
    return MalformedHandshake(
        "the client's second message is not a ClientFinish");
  }
  // s, se
  Client client;
  ASSIGN_OR_RETURN(client.noise_public_key,
                   state_.DecryptAndHash(message.client_finish().static_()));
  RETURN_IF_ERROR(
      state_.MixSharedSecret(ephemeral_.private_key, client.noise_public_key));
  ASSIGN_OR_RETURN(client.payload,
                   state_.DecryptAndHash(message.client_finish().payload()));
  return client;
}

}  // namespace portrait::whatsapp
