// The acks that a companion owes: without them the server delivers a stanza
// again at each login, or ends the stream. Pure functions.
#ifndef PORTRAIT_CORE_WHATSAPP_ACKS_H_
#define PORTRAIT_CORE_WHATSAPP_ACKS_H_

#include <optional>

#include "core/whatsapp/jid.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// The <ack> for a stanza that came in, or nothing where none is due. A message
// gets the plain ack of a client that cannot use it: no receipt, so that no
// sender sees a tick, and no retry, so that none encrypts again. A stanza of an
// unknown kind gets the negative ack 488. `own_jid` is the device's PN JID; no
// user: not known yet.
std::optional<Node> MakeAck(const Node& stanza, const Jid& own_jid);

// The answer to a server's ping, or nothing when `iq` is none.
std::optional<Node> MakePong(const Node& iq);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_ACKS_H_
