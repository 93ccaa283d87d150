#include "core/whatsapp/noise_server.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/frame.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::whatsapp {
namespace {

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("Noise handshake: ", what));
}

}  // namespace

NoiseServerHandshake::NoiseServerHandshake(Options options, KeyPair ephemeral)
    : options_(std::move(options)),
      ephemeral_(std::move(ephemeral)),
      state_(kConnectionHeader) {}

absl::StatusOr<std::string> NoiseServerHandshake::OnClientHello(
    absl::string_view client_hello) {
  proto::HandshakeMessage message;
  if (!message.ParseFromArray(client_hello.data(),
                              static_cast<int>(client_hello.size())) ||
      !message.has_client_hello()) {
    return Malformed("the client's first message is no ClientHello");
  }
  const std::string& client_ephemeral = message.client_hello().ephemeral();
  if (client_ephemeral.size() != kKeyBytes) {
    return Malformed("the ClientHello has no key of 32 bytes");
  }
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
    return Malformed("the client's second message is no ClientFinish");
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
