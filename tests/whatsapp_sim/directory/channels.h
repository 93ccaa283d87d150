// Channels and the query for one, in JSON.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_CHANNELS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_CHANNELS_H_

#include "core/whatsapp/node.h"
#include "tests/whatsapp_sim/network.h"
#include "tests/whatsapp_sim/protocol/stanzas.h"

namespace portrait::sim {

// <iq type="get" xmlns="w:mex">: the stored query that fetches a channel; no
// other is known here. One channel in two has only the small picture.
Reaction ReactToMex(const Asker& asker, const whatsapp::Node& iq);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_CHANNELS_H_
