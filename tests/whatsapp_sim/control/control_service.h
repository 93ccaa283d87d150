// Serves SimulatorService over gRPC, so that other processes can use Control.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_CONTROL_SERVICE_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_CONTROL_SERVICE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tests/whatsapp_sim/control/control.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace portrait::sim {

// A running server; destroying it stops it.
class ControlServer {
 public:
  // Serves `control`, which must outlive the server, on `address` (HOST:PORT).
  //
  // Errors: UNAVAILABLE if the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<ControlServer>> Start(
      const std::string& address, Control* control);

  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;
  ~ControlServer();

  uint16_t port() const { return static_cast<uint16_t>(port_); }

 private:
  explicit ControlServer(std::unique_ptr<grpc::Service> service);

  const std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_CONTROL_SERVICE_H_
