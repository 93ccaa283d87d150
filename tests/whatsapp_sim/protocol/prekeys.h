// The prekeys that a companion uploads to the server.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_PREKEYS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_PREKEYS_H_

#include "core/whatsapp/node.h"
#include "tests/whatsapp_sim/network.h"
#include "tests/whatsapp_sim/protocol/stanzas.h"

namespace portrait::sim {

// Answers <iq xmlns="encrypt">: count, digest, upload.
Reaction ReactToEncrypt(const Asker& asker, const whatsapp::Node& iq);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_PREKEYS_H_
