// The usync query, which asks for facts about many contacts at once.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_USYNC_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_USYNC_H_

#include "absl/time/time.h"
#include "core/whatsapp/node.h"
#include "tests/whatsapp_sim/network.h"
#include "tests/whatsapp_sim/protocol/stanzas.h"

namespace portrait::sim {

// The number of contacts in the request.
size_t UsyncUsers(const whatsapp::Node& iq);

// Thread-safe; counts nothing.
Reaction ReactToUsync(const Asker& asker, const whatsapp::Node& iq);

// The other form of a 429: a result in which each protocol has failed.
whatsapp::Node UsyncRateLimit(const whatsapp::Node& iq, absl::Duration backoff);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_USYNC_H_
