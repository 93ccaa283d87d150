// Dispatches the requests of a logged-in companion by xmlns.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_REQUESTS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_REQUESTS_H_

#include "core/whatsapp/node.h"
#include "tests/whatsapp_sim/network.h"
#include "tests/whatsapp_sim/protocol/stanzas.h"

namespace portrait::sim {

// Whether rate limits and faults apply to the request: only to lookups.
bool IsLookup(const whatsapp::Node& iq);

// Returns the server's answer to `iq`, of type get or set. Thread-safe.
Reaction ReactToRequest(const Asker& asker, const whatsapp::Node& iq);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_REQUESTS_H_
