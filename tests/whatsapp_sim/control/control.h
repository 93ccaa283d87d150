// Control does what SimulatorService offers: plays the phones' owners, changes
// the directory, makes things go wrong.
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

// Thread-safe; the calls may block. Borrows both; used only while the network
// is served.
//
// A phone number is E.164, digits only, or a JID; where only its account
// matters, the JID of a LID, group or channel is taken as well. A number that
// cannot be one is INVALID_ARGUMENT everywhere.
class Control {
 public:
  Control(Network* network, AccountJournal* journal)
      : network_(*network), journal_(*journal) {}

  // Waits until the client is linked; the JID of the new companion.
  //
  // Errors: INVALID_ARGUMENT for a text that is no QR code or that a phone
  // would refuse, and for a wrong pairing code; FAILED_PRECONDITION when no
  // client shows the code (any more); UNAVAILABLE when the client goes away,
  // DEADLINE_EXCEEDED when it does not answer; ABORTED or UNAUTHENTICATED when
  // its answer is not what it should be.
  absl::StatusOr<std::string> ScanQrCode(absl::string_view qr_text,
                                         absl::string_view phone_number);
  absl::StatusOr<std::string> EnterPairingCode(absl::string_view code,
                                               absl::string_view phone_number);

  // The account as it is from now on. It outlasts a restart.
  //
  // Errors: INVALID_ARGUMENT naming a field that cannot be so, ALREADY_EXISTS
  // for a LID that is another account's.
  absl::StatusOr<v1::Account> SetAccount(const v1::Account& account,
                                         bool notify);
  absl::StatusOr<v1::Account> GetAccount(absl::string_view phone_number) const;

  // The account's owner takes another number.
  //
  // Errors: INVALID_ARGUMENT.
  absl::StatusOr<v1::Account> ChangeNumber(absl::string_view phone_number,
                                           absl::string_view new_phone_number,
                                           bool notify);
  // The companions of the second get the first one's token, issued so long ago.
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

  // How many connections it ended; all when `phone_number` is empty.
  //
  // Errors: INVALID_ARGUMENT for a stream error that is none.
  absl::StatusOr<uint32_t> Disconnect(absl::string_view phone_number,
                                      absl::string_view stream_error);
  // All companions of the account.
  absl::Status UnlinkDevice(absl::string_view phone_number);

  // See NoiseIdentity.
  void RotateServerKey();

  // Errors of these: INVALID_ARGUMENT naming a field that cannot be so.
  absl::Status RefuseLogins(const v1::RefuseLoginsRequest& request);
  absl::Status DeliverStanzas(const v1::DeliverStanzasRequest& request);
  // How many are left of the companion with the fewest.
  absl::StatusOr<uint32_t> TakePrekeys(absl::string_view phone_number,
                                       uint32_t count);

  v1::GetStatsResponse GetStats() const;

  // Of an account. Errors: INVALID_ARGUMENT.
  static absl::StatusOr<uint64_t> ParsePhone(absl::string_view text);

 private:
  // Counts what the phone refuses of a client.
  absl::Status Refused(const absl::Status& broken);
  // Lets the phone act on `session` and waits for what becomes of it.
  absl::StatusOr<std::string> Pair(
      std::shared_ptr<Session> session,
      const std::function<void(Session&, PairingDone)>& act);

  Network& network_;
  AccountJournal& journal_;
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_CONTROL_H_
