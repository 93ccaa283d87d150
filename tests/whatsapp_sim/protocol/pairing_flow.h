// PairingFlow links one new companion: shows it refs for QR codes, plays the
// phone that scans one or types its pairing code, and checks what the companion
// signs.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_PAIRING_FLOW_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_PAIRING_FLOW_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/crypto.h"
#include "core/whatsapp/node.h"
#include "core/whatsapp/pairing_phone.h"
#include "tests/whatsapp_sim/network.h"

namespace portrait::sim {

// How long a client may take to be linked: six refs of which the first stands a
// minute and the others 20 s each.
inline constexpr absl::Duration kPairingTime = absl::Seconds(160);

// Confined to the strand of its session, which owns it.
class PairingFlow {
 public:
  using Sender = std::function<void(const whatsapp::Node&)>;

  // `registration` is what the client registered with; `session` is where
  // phones find it.
  PairingFlow(Network& network, state::StoredCompanion registration,
              std::weak_ptr<Session> session, Sender send);
  ~PairingFlow();

  // Sends the refs.
  void Start();

  // The phone of `number` scans. The account is registered from then on.
  void Scan(const whatsapp::QrCode& code, uint64_t number, PairingDone done);
  // The phone of `number` types the code.
  void EnterCode(absl::string_view code, uint64_t number, PairingDone done);

  // <iq type="set" xmlns="md">.
  //
  // Errors: those of Broken(); the request has been answered.
  absl::Status OnRequest(const whatsapp::Node& iq);

  // <iq> of type result or error. The companion when it is linked with this,
  // null when there is more to come.
  //
  // Errors: those of Broken() when what the companion signed does not hold or
  // it refuses; nothing can become of this connection any more.
  absl::StatusOr<std::shared_ptr<Companion>> OnAnswer(const whatsapp::Node& iq);

  // The connection has ended: tells the phone, if one waits.
  void Abandon();

 private:
  struct Ref {
    std::string text;
    absl::Time expires_at;
  };
  // A companion that asked for a pairing code.
  struct CodeHello {
    uint64_t number = 0;
    std::string ref;
    std::string wrapped_key;
  };
  // A phone that typed it.
  struct CodePhone {
    whatsapp::KeyPair ephemeral;
    std::string companion_ephemeral;  // wrong if the code was
  };
  // What the phone has vouched for.
  struct Vouched {
    uint64_t number = 0;
    std::string iq_id;
    whatsapp::DeviceIdentity identity;
  };

  absl::Status CheckScan(const whatsapp::QrCode& code) const;
  // Sends <pair-success>.
  absl::Status Vouch(uint64_t number, absl::string_view adv_secret);
  absl::Status OnCodeHello(const whatsapp::Node& iq,
                           const whatsapp::Node& request);
  absl::Status OnCodeFinish(const whatsapp::Node& iq,
                            const whatsapp::Node& request);
  absl::StatusOr<std::string> OpenBundle(const whatsapp::Node& request) const;
  void Tell(absl::StatusOr<whatsapp::Jid> outcome);

  Network& network_;
  state::StoredCompanion registration_;
  const std::weak_ptr<Session> session_;
  const Sender send_;

  const std::string pair_device_id_;
  bool pair_device_answered_ = false;
  std::vector<Ref> refs_;
  std::optional<CodeHello> hello_;
  std::optional<CodePhone> phone_;
  std::optional<Vouched> vouched_;
  PairingDone done_;  // of the phone that waits, or null
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_PAIRING_FLOW_H_
