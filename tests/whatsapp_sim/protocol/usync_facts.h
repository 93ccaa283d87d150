// What usync tells of a registered account, protocol by protocol.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_USYNC_FACTS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_USYNC_FACTS_H_

#include <optional>

#include "core/whatsapp/node.h"
#include "tests/whatsapp_sim/network.h"

namespace portrait::sim {

// The element that answers `protocol` (a child of <query>, not <contact>) for
// `account`. Nothing where WhatsApp leaves it out, and for a protocol that is
// not known here.
std::optional<whatsapp::Node> UsyncFact(const Asker& asker,
                                        const whatsapp::Node& protocol,
                                        const Account& account);

// <verified_name> of a business that has one.
whatsapp::Node VerifiedName(const Account& account);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_USYNC_FACTS_H_
