// Client is one logged-in companion device: the lookups it can make, and the
// news WhatsApp sends it. Pairing makes a device out of nothing.
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

// What a client tells its owner, on the client's strand.
class ClientEvents {
 public:
  virtual ~ClientEvents() = default;
  // The device changed in a way worth storing (routing info, prekeys, LID, …).
  virtual void OnDeviceChanged(const Device& device) = 0;
  // WhatsApp told something of a contact, unasked.
  virtual void OnContactNotice(const ContactNotice& notice) = 0;
};

// Confined to its strand.
class Client {
 public:
  // Connects and logs in a paired device, then does what every client does
  // next: prekeys uploaded where the server lacks them, <active/>. Returns once
  // queries may be sent. `events` outlives the client.
  //
  // When the stream ends during login the error is UNAVAILABLE or
  // UNAUTHENTICATED and `*end` says why.
  static boost::asio::awaitable<absl::StatusOr<std::unique_ptr<Client>>> Login(
      boost::asio::any_io_executor strand, ConnectionOptions options,
      Device device, ClientEvents* events, StreamEnd* end);

  virtual ~Client() = default;

  // At most what the owner's pacing allows at once; see queries.h for what the
  // answers mean. Facts of protocols that were not asked have an error of code
  // 0.
  //
  // Errors: DEADLINE_EXCEEDED (no answer), UNAVAILABLE (the stream ended),
  // INVALID_ARGUMENT (an answer that cannot be read), those of IqError().
  virtual boost::asio::awaitable<absl::StatusOr<UsyncAnswer>> FetchUsync(
      UsyncQuery query) = 0;
  // Takes along the privacy token of its target, where there is one.
  virtual boost::asio::awaitable<absl::StatusOr<PictureAnswer>> FetchPicture(
      PictureQuery query) = 0;
  // See ParseGroupPicturesAnswer(); 1 to kMaxGroupsInQuery groups.
  virtual boost::asio::awaitable<absl::StatusOr<GroupPictures>>
  FetchGroupPictures(std::vector<Jid> groups, PictureType type) = 0;
  virtual boost::asio::awaitable<absl::StatusOr<ChannelAnswer>> FetchChannel(
      Jid channel) = 0;

  // Whether that contact gave us a token that a picture query may carry: what
  // is hidden from those without one may be shown to us. One JID may be empty.
  virtual bool HasPrivacyToken(const Jid& pn, const Jid& lid) const = 0;
  // Erases what that contact gave us, by PN or LID.
  virtual void Forget(const Jid& contact) = 0;

  // Unlinks this device at WhatsApp.
  virtual boost::asio::awaitable<absl::Status> Logout() = 0;

  virtual boost::asio::awaitable<StreamEnd> WaitUntilEnded() = 0;
  // True from before the first query hears of it.
  virtual bool ended() const = 0;
  // Ends the stream; WaitUntilEnded returns.
  virtual void Close() = 0;

  virtual const Device& device() const = 0;
  // As WhatsApp Web has them by default, until the server has told its own.
  virtual const AbProps& props() const = 0;
};

// Hears of the codes to show while a phone is being linked, on the strand.
class PairingEvents {
 public:
  virtual ~PairingEvents() = default;
  virtual void OnQrCode(const std::string& text, absl::Time expires_at) = 0;
  // "ABCD-EFGH". Secret: who types it links this device.
  virtual void OnPairingCode(const std::string& code,
                             absl::Time expires_at) = 0;
  // True: the user gave up. Asked at least twice a second.
  virtual bool Cancelled() = 0;
  // Whether this device may become one of `account` (PN, no device), whose
  // phone has vouched for it. Else nothing is linked, and this is the outcome.
  virtual absl::Status MayLink(const Jid& account) = 0;
};

// Links a new companion device by QR code: shows codes as the server's refs
// last, checks the phone's proof, answers it and waits for the server to ask
// for the restart. The result is ready for Client::Login.
//
// Errors: DEADLINE_EXCEEDED when the codes ran out unscanned, CANCELLED,
// UNAUTHENTICATED when the proof does not hold, UNAVAILABLE, RESOURCE_EXHAUSTED
// when WhatsApp wants fewer connections, what MayLink() said.
boost::asio::awaitable<absl::StatusOr<Device>> PairByQrCode(
    boost::asio::any_io_executor strand, ConnectionOptions options,
    PairingEvents* events);

// The same by a code that the user types into the phone with `phone_number`
// (E.164); see options.pairing_code_life. The server may ask for a new code.
//
// Errors: those of PairByQrCode, and
//   INVALID_ARGUMENT    not a possible number, found before connecting; or one
//                       that WhatsApp makes no code for.
//   RESOURCE_EXHAUSTED  too many codes were asked for; see BackoffOf().
//   PERMISSION_DENIED   the account may not be linked.
//   DEADLINE_EXCEEDED   the code was not typed, or the phone did not confirm.
//   UNAUTHENTICATED     wrong codes were typed, three times.
boost::asio::awaitable<absl::StatusOr<Device>> PairByPhoneCode(
    boost::asio::any_io_executor strand, ConnectionOptions options,
    std::string phone_number, PairingEvents* events);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_CLIENT_H_
