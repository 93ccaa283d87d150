// Makes the stanzas of a server's answers.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_STANZAS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_STANZAS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/node.h"

namespace portrait::sim {

// The data of the child with this tag; "" without such a child.
std::string ChildData(const whatsapp::Node& node, absl::string_view tag);

// <iq type="result"> for the request `iq`.
whatsapp::Node ResultOf(const whatsapp::Node& iq,
                        whatsapp::Node::Content content = {});

// <iq type="error"><error code text [backoff]/> for the request `iq`.
whatsapp::Node ErrorOf(const whatsapp::Node& iq, int code,
                       absl::Duration backoff = {});
// The error of a rate limit, with the backoff in seconds (rounded up).
whatsapp::Node RateLimitOf(const whatsapp::Node& iq, absl::Duration backoff);

// <error code text [backoff]/>.
whatsapp::Node ErrorNode(int code, absl::Duration backoff = {});

// The <stream:error> with a name of SimulatorService: a code ("503", "515",
// "401" …), "conflict" or "replaced", "device_removed", "xml-not-well-formed".
// Returns nothing for any other name.
std::optional<whatsapp::Node> StreamError(absl::string_view name);

// <failure reason>.
whatsapp::Node Failure(int reason);

// How the server reacts to a request.
struct Reaction {
  std::optional<whatsapp::Node> answer;  // nullopt: no answer
  absl::Status broken;  // from Broken(); OK: no rule was broken
};

Reaction Answer(whatsapp::Node node);
// The reaction in the broken rule's entry: an error or no answer.
Reaction Punish(const whatsapp::Node& iq, absl::Status broken);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_STANZAS_H_
