// The grammar of requests: the elements and attributes that WhatsApp knows in
// each. WhatsApp answers an unknown element or a missing attribute with an
// error, and ignores an unknown attribute. Both are protocol errors here,
// because no client of WhatsApp's own sends them.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_GRAMMAR_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_GRAMMAR_H_

#include "absl/status/status.h"
#include "core/whatsapp/node.h"

namespace portrait::sim {

struct GrammarFindings {
  absl::Status refused;  // the first error that ends the request
  absl::Status ignored;  // the first unknown attribute
};

// `iq` is a request. Namespaces that lookups do not need are not checked. The
// errors are those of Broken().
GrammarFindings CheckGrammar(const whatsapp::Node& iq);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_GRAMMAR_H_
