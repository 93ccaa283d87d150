// Picture queries for several groups at once, and for a community.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_GROUP_PICTURES_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_GROUP_PICTURES_H_

#include "core/whatsapp/node.h"
#include "tests/whatsapp_sim/network.h"
#include "tests/whatsapp_sim/protocol/stanzas.h"

namespace portrait::sim {

// Answers <iq type="get" xmlns="w:g2">; other group queries are refused. In a
// query for several groups, a group that hides its picture is missing in the
// answer, and a group without a picture has an empty entry.
Reaction ReactToGroups(const Asker& asker, const whatsapp::Node& iq);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_GROUP_PICTURES_H_
