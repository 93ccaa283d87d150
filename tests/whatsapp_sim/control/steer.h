// `whatsapp-sim steer`: lets shell scripts control a running simulator: a phone
// scans a code, pictures change, faults occur.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_STEER_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_STEER_H_

#include "CLI/CLI.hpp"

namespace portrait::sim {

// Adds the command to `app`. If the command line has it, parsing runs the
// command and throws CLI::RuntimeError with the exit code: 0, or 1 after
// printing the error.
void AddSteerCommand(CLI::App& app);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_STEER_H_
