// Control implements SimulatorService: it acts as the phones' owners, changes
// the directory, and causes faults.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_CONTROL_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_CONTROL_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "portrait/sim/v1/simulator.pb.h"
#include "tests/whatsapp_sim/directory/account_journal.h"
#include "tests/whatsapp_sim/network.h"

namespace portrait::sim {

// Thread-safe; calls may block. Borrows both arguments. Call its methods only
// while the network is served.
//
// A phone number is E.164, digits only, or a JID. If only the account matters,
// the JID of a LID, group or channel is accepted as well. Every method returns
// INVALID_ARGUMENT for an impossible number.
class Control {
 public:
  Control(Network* network, AccountJournal* journal)
      : network_(*network), journal_(*journal) {}

  // Waits until the client is linked; returns the JID of the new companion.
  //
  // Errors: INVALID_ARGUMENT for a text that is not a QR code or that a phone
  // would refuse, and for a wrong pairing code; FAILED_PRECONDITION if no
  // client shows the code (any more); UNAVAILABLE if the client disconnects,
  // DEADLINE_EXCEEDED if it does not answer; ABORTED or UNAUTHENTICATED if its
  // answer is invalid.
  absl::StatusOr<std::string> ScanQrCode(absl::string_view qr_text,
                                         absl::string_view phone_number);
  absl::StatusOr<std::string> EnterPairingCode(absl::string_view code,
                                               absl::string_view phone_number);

  // Sets the account's state and returns it. The state outlasts a restart.
  //
  // Errors: INVALID_ARGUMENT naming an invalid field, ALREADY_EXISTS if another
  // account has the LID.
  absl::StatusOr<v1::Account> SetAccount(const v1::Account& account,
                                         bool notify);
  absl::StatusOr<v1::Account> GetAccount(absl::string_view phone_number) const;

  // Changes the phone number of an account's owner.
  //
  // Errors: INVALID_ARGUMENT.
  absl::StatusOr<v1::Account> ChangeNumber(absl::string_view phone_number,
                                           absl::string_view new_phone_number,
                                           bool notify);
  // Gives the first account's token to the second account's companions, with an
  // issue time that far in the past.
  //
  // Errors: INVALID_ARGUMENT.
  absl::Status GivePrivacyToken(absl::string_view phone_number,
                                absl::string_view to_phone_number,
                                absl::Duration age = absl::ZeroDuration());
  // Errors: those of TellInForm().
  absl::Status TellOfContact(absl::string_view phone_number,
                             absl::string_view form);

  // Errors: those of ParseFaults().
  absl::Status SetFaults(const v1::SetFaultsRequest& faults);

  // Ends connections and returns their number; all if `phone_number` is empty.
  //
  // Errors: INVALID_ARGUMENT for an unknown stream error.
  absl::StatusOr<uint32_t> Disconnect(absl::string_view phone_number,
                                      absl::string_view stream_error);
  // Unlinks all companions of the account.
  absl::Status UnlinkDevice(absl::string_view phone_number);

  // See NoiseIdentity.
  void RotateServerKey();

  // Errors of these methods: INVALID_ARGUMENT naming an invalid field.
  absl::Status RefuseLogins(const v1::RefuseLoginsRequest& request);
  absl::Status DeliverStanzas(const v1::DeliverStanzasRequest& request);
  // Returns how many prekeys the companion with the fewest has left.
  absl::StatusOr<uint32_t> TakePrekeys(absl::string_view phone_number,
                                       uint32_t count);

  v1::GetStatsResponse GetStats() const;

  // Parses the number of an account. Errors: INVALID_ARGUMENT.
  static absl::StatusOr<uint64_t> ParsePhone(absl::string_view text);

 private:
  // Counts a protocol error that the phone has found.
  absl::Status Refused(const absl::Status& broken);
  // Lets the phone act on `session` and waits for the result.
  absl::StatusOr<std::string> Pair(
      std::shared_ptr<Session> session,
      const std::function<void(Session&, PairingDone)>& act);

  Network& network_;
  AccountJournal& journal_;
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_CONTROL_H_
