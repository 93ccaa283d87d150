// The stanzas a server answers with.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_STANZAS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_STANZAS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/node.h"

namespace portrait::sim {

// <iq type="result"> for the request `iq`.
whatsapp::Node ResultOf(const whatsapp::Node& iq,
                        whatsapp::Node::Content content = {});

// <iq type="error"><error code text [backoff]/> for the request `iq`.
whatsapp::Node ErrorOf(const whatsapp::Node& iq, int code,
                       absl::Duration backoff = {});
// The same as a limit says it, with the seconds to wait (rounded up).
whatsapp::Node RateLimitOf(const whatsapp::Node& iq, absl::Duration backoff);

// <error code text [backoff]/>.
whatsapp::Node ErrorNode(int code, absl::Duration backoff = {});

// <stream:error> by what SimulatorService calls it: a code ("503", "515",
// "401" …), "conflict" or "replaced", "device_removed", "xml-not-well-formed".
// Nothing for any other.
std::optional<whatsapp::Node> StreamError(absl::string_view name);

// <failure reason>.
whatsapp::Node Failure(int reason);

// How the server reacts to a request.
struct Reaction {
  std::optional<whatsapp::Node> answer;  // nothing: silence
  absl::Status broken;                   // of Broken(); OK: no rule was
};

Reaction Answer(whatsapp::Node node);
// What the broken rule's entry says: an error or silence.
Reaction Punish(const whatsapp::Node& iq, absl::Status broken);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_STANZAS_H_
