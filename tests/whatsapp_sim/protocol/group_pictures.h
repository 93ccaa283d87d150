// Queries for the pictures of groups: of many at once, and of a community.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_GROUP_PICTURES_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_GROUP_PICTURES_H_

#include "core/whatsapp/node.h"
#include "tests/whatsapp_sim/network.h"
#include "tests/whatsapp_sim/protocol/stanzas.h"

namespace portrait::sim {

// <iq type="get" xmlns="w:g2">; other group queries are refused. Of a group
// that hides its picture a query for many tells nothing, of one without any it
// gives an entry that has none.
Reaction ReactToGroups(const Asker& asker, const whatsapp::Node& iq);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_GROUP_PICTURES_H_
