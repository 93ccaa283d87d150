#include "tests/whatsapp_sim/protocol/noise_identity.h"

#include <utility>

#include "core/whatsapp/certificate.h"

namespace portrait::sim {
namespace {

using whatsapp::KeyPair;
using whatsapp::NoiseServerHandshake;

constexpr absl::Duration kCertificateLife = absl::Hours(24 * 365);
// The certificate is backdated, so that a client whose clock is behind accepts
// it.
constexpr absl::Duration kBackdated = absl::Hours(24);

}  // namespace

NoiseIdentity::NoiseIdentity(const ServerKeys& keys, absl::Time now)
    : root_(keys.root),
      intermediate_(keys.intermediate),
      current_(Certify(keys.static_key, now)) {}

NoiseServerHandshake::Options NoiseIdentity::Get() const {
  absl::MutexLock lock(&mu_);
  return current_;
}

void NoiseIdentity::Rotate(absl::Time now) {
  NoiseServerHandshake::Options next = Certify(whatsapp::MakeKeyPair(), now);
  absl::MutexLock lock(&mu_);
  current_ = std::move(next);
}

NoiseServerHandshake::Options NoiseIdentity::Certify(KeyPair key,
                                                     absl::Time now) const {
  NoiseServerHandshake::Options identity;
  identity.certificate_chain =
      whatsapp::MakeCertificateChain(root_, intermediate_, key.public_key,
                                     now - kBackdated, now + kCertificateLife);
  identity.static_key = std::move(key);
  return identity;
}

}  // namespace portrait::sim
