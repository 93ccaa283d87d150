// A minimal client for tests of single stanzas: it sends given stanzas and
// returns received ones, in order.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_TESTING_SIM_TEST_CLIENT_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_TESTING_SIM_TEST_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/client_payload.h"
#include "core/whatsapp/device.h"
#include "core/whatsapp/frame.h"
#include "core/whatsapp/node.h"
#include "tests/whatsapp_sim/simulator.h"

namespace portrait::sim {

// Blocking, with a deadline for every step. Thread-compatible. Plain ws://
// only.
class SimTestClient {
 public:
  // Connects and completes the handshake with `noise_key` and `payload`.
  //
  // Errors: UNAVAILABLE if the server closes the connection or does not answer;
  // those of NoiseClientHandshake.
  static absl::StatusOr<SimTestClient> Connect(
      const Simulator::Endpoints& endpoints, const whatsapp::KeyPair& noise_key,
      const std::string& payload,
      absl::string_view header = whatsapp::kConnectionHeader);

  // Connects to register or, for a paired device, to log in.
  static absl::StatusOr<SimTestClient> Connect(
      const Simulator::Endpoints& endpoints, const whatsapp::Device& device,
      const whatsapp::ClientVersion& version = {});

  // Links a new companion to the phone with that number.
  static absl::StatusOr<whatsapp::Device> Link(
      Simulator& simulator, const Simulator::Endpoints& endpoints,
      const std::string& phone_number);

  SimTestClient(SimTestClient&&) noexcept;
  ~SimTestClient();

  absl::Status Send(const whatsapp::Node& node);
  // Errors: UNAVAILABLE if the connection has ended.
  absl::StatusOr<whatsapp::Node> Receive();
  // Skips stanzas until one has that tag.
  absl::StatusOr<whatsapp::Node> ReceiveTag(absl::string_view tag);

  // Sends `iq` with a new id and returns the answer to it; stanzas before it
  // are skipped.
  absl::StatusOr<whatsapp::Node> Ask(whatsapp::Node iq);
  // Whether `iq` is not answered before a ping that is sent after it.
  bool IsMetWithSilence(whatsapp::Node iq);

 private:
  struct Wire;
  explicit SimTestClient(std::unique_ptr<Wire> wire);

  std::unique_ptr<Wire> wire_;
  int last_id_ = 0;
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_TESTING_SIM_TEST_CLIENT_H_
