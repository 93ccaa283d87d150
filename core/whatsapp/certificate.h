// The chain by which a server proves its Noise static key: root (known
// beforehand) signs intermediate signs leaf.
#ifndef PORTRAIT_CORE_WHATSAPP_CERTIFICATE_H_
#define PORTRAIT_CORE_WHATSAPP_CERTIFICATE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/crypto.h"

namespace portrait::whatsapp {

// WhatsApp's own root, X25519, 32 bytes.
const std::string& WhatsAppRootPublicKey();

// What a chain that holds says of a server. Empty: nothing is known. A value
// type.
struct ServerCertificate {
  std::string public_key;   // the Noise static key, 32 bytes
  uint64_t not_before = 0;  // Unix seconds: when both certificates hold
  uint64_t not_after = 0;

  // Of a certificate that is not empty.
  bool IsValidAt(absl::Time now) const;
};

bool operator==(const ServerCertificate& a, const ServerCertificate& b);
inline bool operator!=(const ServerCertificate& a, const ServerCertificate& b) {
  return !(a == b);
}

// Checks a serialized CertChain: both signatures, issuer serials, that the leaf
// certifies `server_static_key`, and that `now` is within both validities.
//
// Errors: UNAUTHENTICATED, naming the check that failed.
absl::StatusOr<ServerCertificate> VerifyCertificateChain(
    absl::string_view chain, absl::string_view root_public_key,
    absl::string_view server_static_key, absl::Time now);

// A chain that passes all of that for `leaf_public_key`: what a server of our
// own serves.
std::string MakeCertificateChain(const KeyPair& root,
                                 const KeyPair& intermediate,
                                 absl::string_view leaf_public_key,
                                 absl::Time not_before, absl::Time not_after);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_CERTIFICATE_H_
