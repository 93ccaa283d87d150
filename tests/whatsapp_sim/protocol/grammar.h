// The grammar of requests: the elements and attributes that WhatsApp accepts in
// each. WhatsApp answers an unknown element or attribute with an error.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_GRAMMAR_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_GRAMMAR_H_

#include "absl/status/status.h"
#include "core/whatsapp/node.h"

namespace portrait::sim {

// `iq` is a request. Namespaces that lookups do not need are not checked.
//
// Errors: those of Broken().
absl::Status CheckGrammar(const whatsapp::Node& iq);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_GRAMMAR_H_
