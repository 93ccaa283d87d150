// Why a connection to WhatsApp ended, and what that asks of us.
#ifndef PORTRAIT_CORE_WHATSAPP_STREAM_END_H_
#define PORTRAIT_CORE_WHATSAPP_STREAM_END_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

struct StreamEnd {
  enum class Kind {
    kDropped,        // network, server restart, our own close: connect again
    kRestart,        // stream error 515: connect again at once
    kThrottled,      // stream error 429: connect again, but much later
    kReplaced,       // this device is connected elsewhere: do not fight
    kLoggedOut,      // said to be unlinked: the keys are worthless, pair again
    kBanned,         // account refused (402 until `until`, 403, 406)
    kOutdated,       // 405: this client version is refused
    kRefused,        // any other failure at login: stop and tell
    kProtocolError,  // what came could not be read: connect again, count it
  };
  Kind kind = Kind::kDropped;
  std::string
      reason;  // as WhatsApp said it, e.g. "stream:error conflict replaced"
  absl::Duration ban;  // of kBanned: zero for ever
};

// Reads <failure>, <stream:error> and <xmlstreamend>; nothing for any other
// stanza.
std::optional<StreamEnd> ParseStreamEnd(const Node& stanza);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_STREAM_END_H_
