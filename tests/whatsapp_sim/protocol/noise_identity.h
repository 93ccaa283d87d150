// NoiseIdentity is the simulated server's key and certificate in handshakes.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_NOISE_IDENTITY_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_NOISE_IDENTITY_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/whatsapp/crypto.h"
#include "core/whatsapp/noise_server.h"
#include "tests/whatsapp_sim/protocol/server_keys.h"

namespace portrait::sim {

// Thread-safe.
class NoiseIdentity {
 public:
  // Uses keys.static_key, with a certificate made at `now`.
  NoiseIdentity(const ServerKeys& keys, absl::Time now);

  whatsapp::NoiseServerHandshake::Options Get() const;

  // Uses another key with the same root until the server restarts. Clients that
  // resume with the old key must do a full handshake.
  void Rotate(absl::Time now);

 private:
  whatsapp::NoiseServerHandshake::Options Certify(whatsapp::KeyPair key,
                                                  absl::Time now) const;

  const whatsapp::KeyPair root_, intermediate_;

  mutable absl::Mutex mu_;
  whatsapp::NoiseServerHandshake::Options current_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_NOISE_IDENTITY_H_
