// The facts of a registered account in usync, by protocol.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_USYNC_FACTS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_USYNC_FACTS_H_

#include <optional>

#include "core/whatsapp/node.h"
#include "tests/whatsapp_sim/network.h"

namespace portrait::sim {

// The element that answers `protocol` (a child of <query>, not <contact>) for
// `account`. Returns nothing if WhatsApp omits it, and for an unknown protocol.
std::optional<whatsapp::Node> UsyncFact(const Asker& asker,
                                        const whatsapp::Node& protocol,
                                        const Account& account);

// The <verified_name> of a business that has one.
whatsapp::Node VerifiedName(const Account& account);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_USYNC_FACTS_H_
