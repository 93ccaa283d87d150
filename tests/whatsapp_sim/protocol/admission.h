// Decides by its ClientPayload whether a client may register or log in.
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

// A client to be paired: the companion's data without account, device and key
// index.
struct Registration {
  state::StoredCompanion companion;
};

struct Login {
  std::shared_ptr<Companion> companion;
  // The client will request its queued stanzas.
  bool passive = false;
};

struct Refusal {
  int reason = 401;  // the reason in <failure>
  // From Broken(); OK: no rule was broken, the device is unlinked.
  absl::Status broken;
};

// `client` comes from the handshake, so its static key is proven.
std::variant<Registration, Login, Refusal> Admit(
    const Network& network,
    const whatsapp::NoiseServerHandshake::Client& client);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_ADMISSION_H_
