// Serves SimulatorService over gRPC, so that other processes can use Control.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_CONTROL_SERVICE_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_CONTROL_SERVICE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tests/whatsapp_sim/control/control.h"

namespace portrait::sim {

// A running server; destroying it stops it.
class ControlServer {
 public:
  virtual ~ControlServer() = default;
  virtual uint16_t port() const = 0;
};

// Serves `control`, which must outlive the server, on `address` (HOST:PORT).
//
// Errors: UNAVAILABLE if the address cannot be listened on.
absl::StatusOr<std::unique_ptr<ControlServer>> StartControlServer(
    const std::string& address, Control* control);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_CONTROL_SERVICE_H_
