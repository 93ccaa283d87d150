// The reason why a connection to WhatsApp ended, and our reaction.
#ifndef PORTRAIT_CORE_WHATSAPP_STREAM_END_H_
#define PORTRAIT_CORE_WHATSAPP_STREAM_END_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

struct StreamEnd {
  enum class Kind {
    kDropped,    // network, server restart or our own close: reconnect
    kRestart,    // stream error 515: reconnect at once
    kThrottled,  // stream error 429: reconnect, but much later
    kReplaced,   // this device is connected elsewhere: stay disconnected
    kLoggedOut,  // the device is unlinked: the keys are invalid, pair again
    kBanned,     // account refused (402 until `until`, 403, 406)
    kOutdated,   // 405: this client version is refused
    kRefused,    // any other failure at login: stop and report
    // Received data could not be parsed: reconnect and count it.
    kProtocolError,
  };
  Kind kind = Kind::kDropped;
  std::string reason;  // in WhatsApp's words: "stream:error conflict replaced"
  absl::Duration ban;  // for kBanned; zero: permanent
};

// Parses <failure>, <stream:error> and <xmlstreamend>; returns nothing for any
// other stanza.
std::optional<StreamEnd> ParseStreamEnd(const Node& stanza);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_STREAM_END_H_
