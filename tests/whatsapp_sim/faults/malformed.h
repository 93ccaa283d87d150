// Answers that are not valid, to see what a client makes of them.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_FAULTS_MALFORMED_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_FAULTS_MALFORMED_H_

#include <string>

#include "core/whatsapp/node.h"

namespace portrait::sim {

// A plaintext in place of `answer`: cut short, no node at all, without what it
// should hold, or with attributes that make no sense; by chance.
std::string Malformed(const whatsapp::Node& answer);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_FAULTS_MALFORMED_H_
