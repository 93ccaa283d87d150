// Client is one logged-in companion device: its queries for lookups, and the
// notifications that WhatsApp sends it. Pairing makes new devices.
#ifndef PORTRAIT_CORE_WHATSAPP_CLIENT_H_
#define PORTRAIT_CORE_WHATSAPP_CLIENT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/whatsapp/ab_props.h"
#include "core/whatsapp/connection.h"
#include "core/whatsapp/contact_notice.h"
#include "core/whatsapp/device.h"
#include "core/whatsapp/queries.h"
#include "core/whatsapp/stream_end.h"

namespace portrait::whatsapp {

// The events of a client, on the client's strand.
class ClientEvents {
 public:
  virtual ~ClientEvents() = default;
  // The device has changed and should be stored (routing info, prekeys, LID,
  // …).
  virtual void OnDeviceChanged(const Device& device) = 0;
  // WhatsApp sent a notification about a contact.
  virtual void OnContactNotice(const ContactNotice& notice) = 0;
};

// Confined to its strand.
class Client {
 public:
  // Connects and logs in a paired device, then does the tasks with which every
  // client starts: uploads missing prekeys and sends <active/>. When it
  // returns, queries may be sent. `events` must outlive the client.
  //
  // If the stream ends during the login, the error is UNAVAILABLE or
  // UNAUTHENTICATED, and `*end` says why.
  static boost::asio::awaitable<absl::StatusOr<std::unique_ptr<Client>>> Login(
      boost::asio::any_io_executor strand, ConnectionOptions options,
      Device device, ClientEvents* events, StreamEnd* end);

  virtual ~Client() = default;

  // The owner must limit the rate of these queries; see queries.h for the
  // meaning of answers. Facts of protocols that were not requested have an
  // error with code 0.
  //
  // Errors: DEADLINE_EXCEEDED (no answer), UNAVAILABLE (the stream ended),
  // INVALID_ARGUMENT (a malformed answer), those of IqError().
  virtual boost::asio::awaitable<absl::StatusOr<UsyncAnswer>> FetchUsync(
      UsyncQuery query) = 0;
  // Adds the target's privacy token to the query, if there is one.
  virtual boost::asio::awaitable<absl::StatusOr<PictureAnswer>> FetchPicture(
      PictureQuery query) = 0;
  // See ParseGroupPicturesAnswer(); 1 to kMaxGroupsInQuery groups.
  virtual boost::asio::awaitable<absl::StatusOr<GroupPictures>>
  FetchGroupPictures(std::vector<Jid> groups, PictureType type) = 0;
  virtual boost::asio::awaitable<absl::StatusOr<ChannelAnswer>> FetchChannel(
      Jid channel) = 0;

  // Whether the contact has given us a token for picture queries: WhatsApp may
  // then show us a picture that is hidden without one. One JID may be empty.
  virtual bool HasPrivacyToken(const Jid& pn, const Jid& lid) const = 0;
  // Erases the tokens of that contact, by PN or LID.
  virtual void Forget(const Jid& contact) = 0;

  // Unlinks this device at WhatsApp.
  virtual boost::asio::awaitable<absl::Status> Logout() = 0;

  virtual boost::asio::awaitable<StreamEnd> WaitUntilEnded() = 0;
  // Whether the stream has ended; true before queries fail because of that.
  virtual bool ended() const = 0;
  // Ends the stream; WaitUntilEnded returns.
  virtual void Close() = 0;

  virtual const Device& device() const = 0;
  // WhatsApp Web's defaults, until the server has sent its props.
  virtual const AbProps& props() const = 0;
};

// Receives the codes to show while a phone is being linked, on the strand.
class PairingEvents {
 public:
  virtual ~PairingEvents() = default;
  virtual void OnQrCode(const std::string& text, absl::Time expires_at) = 0;
  // "ABCD-EFGH". Secret: entering it on a phone links this device.
  virtual void OnPairingCode(const std::string& code,
                             absl::Time expires_at) = 0;
  // Returns true if the user gave up. Called at least twice per second.
  virtual bool Cancelled() = 0;
  // Whether this device may be linked to `account` (PN, no device), whose phone
  // has approved it. An error cancels the pairing and becomes its result.
  virtual absl::Status MayLink(const Jid& account) = 0;
};

// Links a new companion device by QR code: shows a code for each of the
// server's refs, verifies the phone's proof, answers it and waits until the
// server asks for the restart. The result is ready for Client::Login.
//
// Errors: DEADLINE_EXCEEDED if no code was scanned in time, CANCELLED,
// UNAUTHENTICATED if the proof is invalid, UNAVAILABLE, RESOURCE_EXHAUSTED if
// WhatsApp limits connections, the error of MayLink().
boost::asio::awaitable<absl::StatusOr<Device>> PairByQrCode(
    boost::asio::any_io_executor strand, ConnectionOptions options,
    PairingEvents* events);

// Links a device by a code that the user types into the phone with
// `phone_number` (E.164); see options.pairing_code_life. The server may request
// a new code.
//
// Errors: those of PairByQrCode, and
//   INVALID_ARGUMENT    the number is impossible, or WhatsApp makes no code for
//                       it.
//   RESOURCE_EXHAUSTED  too many codes were requested; see BackoffOf().
//   PERMISSION_DENIED   the account may not be linked.
//   DEADLINE_EXCEEDED   the code was not entered, or not confirmed, in time.
//   UNAUTHENTICATED     a wrong code was entered three times.
boost::asio::awaitable<absl::StatusOr<Device>> PairByPhoneCode(
    boost::asio::any_io_executor strand, ConnectionOptions options,
    std::string phone_number, PairingEvents* events);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_CLIENT_H_
