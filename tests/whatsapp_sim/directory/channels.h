// Channels and the query for a channel, whose answer is JSON.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_CHANNELS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_CHANNELS_H_

#include "core/whatsapp/node.h"
#include "tests/whatsapp_sim/network.h"
#include "tests/whatsapp_sim/protocol/stanzas.h"

namespace portrait::sim {

// Answers <iq type="get" xmlns="w:mex">, only for the stored query that fetches
// a channel. Half of the channels have only the small picture.
Reaction ReactToMex(const Asker& asker, const whatsapp::Node& iq);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_CHANNELS_H_
