// Whether a client may in, by what its ClientPayload says of it.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_ADMISSION_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_ADMISSION_H_

#include <memory>
#include <variant>

#include "absl/status/status.h"
#include "core/whatsapp/noise_server.h"
#include "simulator_state.pb.h"
#include "tests/whatsapp_sim/directory/companion.h"
#include "tests/whatsapp_sim/network.h"

namespace portrait::sim {

// To be paired: all of the companion but account, device and key index.
struct Registration {
  state::StoredCompanion companion;
};

struct Login {
  std::shared_ptr<Companion> companion;
  // The client will say when it wants what waits for it.
  bool passive = false;
};

struct Refusal {
  int reason = 401;     // of <failure>
  absl::Status broken;  // of Broken(); OK: no rule was, it is unlinked
};

// `client` comes from the handshake: its static key is proven.
std::variant<Registration, Login, Refusal> Admit(
    const Network& network,
    const whatsapp::NoiseServerHandshake::Client& client);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_ADMISSION_H_
