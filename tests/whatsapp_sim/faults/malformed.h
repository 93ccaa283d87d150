// Makes invalid answers, to test how clients handle them.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_FAULTS_MALFORMED_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_FAULTS_MALFORMED_H_

#include <string>

#include "core/whatsapp/node.h"

namespace portrait::sim {

// Returns an invalid plaintext in place of `answer`: at random truncated, no
// node at all, without its required content, or with meaningless attributes.
std::string Malformed(const whatsapp::Node& answer);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_FAULTS_MALFORMED_H_
