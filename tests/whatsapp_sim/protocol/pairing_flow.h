// PairingFlow links one new companion: it sends refs for QR codes, acts as the
// phone that scans a code or enters a pairing code, and verifies the
// companion's signature.
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

// The time a client has to be linked: six refs, the first for one minute and
// the others for 20 s each.
inline constexpr absl::Duration kPairingTime = absl::Seconds(160);

// Confined to the strand of its session, which owns it.
class PairingFlow {
 public:
  using Sender = std::function<void(const whatsapp::Node&)>;

  // `registration` has the data from the client's registration; phones find the
  // client through `session`.
  PairingFlow(Network& network, state::StoredCompanion registration,
              std::weak_ptr<Session> session, Sender send);
  ~PairingFlow();

  // Sends the refs.
  void Start();

  // The phone of `number` scans. The account then becomes registered.
  void Scan(const whatsapp::QrCode& code, uint64_t number, PairingDone done);
  // The phone of `number` enters the code.
  void EnterCode(absl::string_view code, uint64_t number, PairingDone done);

  // Handles <iq type="set" xmlns="md">.
  //
  // Errors: those of Broken(); the request has been answered.
  absl::Status OnRequest(const whatsapp::Node& iq);

  // Handles an <iq> of type result or error. Returns the companion if it is
  // linked now, or null if more steps follow.
  //
  // Errors: those of Broken() if the companion's signature is invalid or it
  // refuses; the connection cannot be used any more.
  absl::StatusOr<std::shared_ptr<Companion>> OnAnswer(const whatsapp::Node& iq);

  // The connection has ended: fails the phone's attempt, if there is one.
  void Abandon();

 private:
  struct Ref {
    std::string text;
    absl::Time expires_at;
  };
  // The request of a companion for a pairing code.
  struct CodeHello {
    uint64_t number = 0;
    std::string ref;
    std::string wrapped_key;
  };
  // The keys of a phone on which the code was entered.
  struct CodePhone {
    whatsapp::KeyPair ephemeral;
    std::string companion_ephemeral;  // wrong if the code was wrong
  };
  // The identity that the phone has signed.
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
  PairingDone done_;  // null if no phone is waiting
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_PAIRING_FLOW_H_
