// The requests that a logged-in companion may send, by xmlns.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_REQUESTS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_REQUESTS_H_

#include "core/whatsapp/node.h"
#include "tests/whatsapp_sim/network.h"
#include "tests/whatsapp_sim/protocol/stanzas.h"

namespace portrait::sim {

// Look-ups are what rate limits and faults are about.
bool IsLookup(const whatsapp::Node& iq);

// What the server does about `iq`, of type get or set, as far as that is an
// answer. Thread-safe.
Reaction ReactToRequest(const Asker& asker, const whatsapp::Node& iq);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_REQUESTS_H_
