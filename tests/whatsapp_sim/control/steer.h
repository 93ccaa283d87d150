// `whatsapp-sim steer`: the control service of a running simulator for shell
// scripts: a phone scans, pictures change, things go wrong.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_STEER_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_STEER_H_

#include "CLI/CLI.hpp"

namespace portrait::sim {

// Adds the command to `app`. When the command line names it, parsing runs it
// and throws CLI::RuntimeError with the exit code: 0, or 1 after saying on
// standard error what failed.
void AddSteerCommand(CLI::App& app);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_STEER_H_
