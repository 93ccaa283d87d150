// The certificate chain that proves a server's Noise static key: the known root
// signs the intermediate, and the intermediate signs the leaf.
#ifndef PORTRAIT_CORE_WHATSAPP_CERTIFICATE_H_
#define PORTRAIT_CORE_WHATSAPP_CERTIFICATE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/crypto.h"

namespace portrait::whatsapp {

// The key of WhatsApp's root, X25519, 32 bytes.
const std::string& WhatsAppRootPublicKey();

// A server's verified key. Empty: not known. A value type.
struct ServerCertificate {
  std::string public_key;   // the Noise static key, 32 bytes
  uint64_t not_before = 0;  // Unix seconds; both certificates are valid then
  uint64_t not_after = 0;

  // Call it only if the certificate is not empty.
  bool IsValidAt(absl::Time now) const;
};

bool operator==(const ServerCertificate& a, const ServerCertificate& b);
inline bool operator!=(const ServerCertificate& a, const ServerCertificate& b) {
  return !(a == b);
}

// Verifies a serialized CertChain: both signatures, the issuer serials, that
// the leaf certifies `server_static_key`, and that `now` is within both
// validities.
//
// Errors: UNAUTHENTICATED, naming the check that failed.
absl::StatusOr<ServerCertificate> VerifyCertificateChain(
    absl::string_view chain, absl::string_view root_public_key,
    absl::string_view server_static_key, absl::Time now);

// Makes a chain for `leaf_public_key` that passes this verification, for test
// servers.
std::string MakeCertificateChain(const KeyPair& root,
                                 const KeyPair& intermediate,
                                 absl::string_view leaf_public_key,
                                 absl::Time not_before, absl::Time not_after);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_CERTIFICATE_H_
