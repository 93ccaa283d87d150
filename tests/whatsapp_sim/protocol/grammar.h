// The grammar of requests: which elements and attributes WhatsApp knows in
// each. It answers one that it does not know with an error.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_GRAMMAR_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_GRAMMAR_H_

#include "absl/status/status.h"
#include "core/whatsapp/node.h"

namespace portrait::sim {

// `iq` is a request. Of a namespace that no look-up needs, nothing is known
// here and everything allowed.
//
// Errors: those of Broken().
absl::Status CheckGrammar(const whatsapp::Node& iq);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_GRAMMAR_H_
