// The chain by which a server proves its Noise static key: root (known
// beforehand) signs intermediate signs leaf.
#ifndef PORTRAIT_CORE_WHATSAPP_CERTIFICATE_H_
#define PORTRAIT_CORE_WHATSAPP_CERTIFICATE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/crypto.h"

namespace portrait::whatsapp {

// WhatsApp's own root, X25519, 32 bytes.
const std::string& WhatsAppRootPublicKey();

// Checks a serialized CertChain: both signatures, issuer serials, that the leaf
// certifies `server_static_key`, and that `now` is within both validities.
//
// Errors: UNAUTHENTICATED, naming the check that failed.
absl::Status VerifyCertificateChain(absl::string_view chain,
                                    absl::string_view root_public_key,
                                    absl::string_view server_static_key,
                                    absl::Time now);

// A chain that passes all of that for `leaf_public_key`: what a server of our
// own serves.
std::string MakeCertificateChain(const KeyPair& root,
                                 const KeyPair& intermediate,
                                 absl::string_view leaf_public_key,
                                 absl::Time not_before, absl::Time not_after);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_CERTIFICATE_H_
