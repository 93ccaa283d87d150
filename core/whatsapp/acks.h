// The acks that a companion must send. Without them the server delivers a
// stanza again at each login, or ends the stream. Pure functions.
#ifndef PORTRAIT_CORE_WHATSAPP_ACKS_H_
#define PORTRAIT_CORE_WHATSAPP_ACKS_H_

#include <optional>

#include "core/whatsapp/jid.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// Returns the <ack> for a received stanza, or nothing if it needs none. A
// message gets the plain ack of a client that cannot use it: no receipt, so
// that its sender sees no tick, and no retry, so that its sender does not
// encrypt it again. A stanza of an unknown kind gets the negative ack 488.
// `own_jid` is the device's PN JID; its user is empty if it is not known yet.
std::optional<Node> MakeAck(const Node& stanza, const Jid& own_jid);

// Returns the answer to a server's ping, or nothing if `iq` is not a ping.
std::optional<Node> MakePong(const Node& iq);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_ACKS_H_
