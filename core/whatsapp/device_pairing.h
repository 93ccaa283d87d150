// DevicePairing is what linking a device is in every way: it connects as one
// that has no account yet, waits for a phone to vouch for it, checks the proof,
// answers it and waits for the restart.
#ifndef PORTRAIT_CORE_WHATSAPP_DEVICE_PAIRING_H_
#define PORTRAIT_CORE_WHATSAPP_DEVICE_PAIRING_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/whatsapp/client.h"
#include "core/whatsapp/connection.h"
#include "core/whatsapp/device.h"
#include "core/whatsapp/node.h"
#include "core/whatsapp/signal.h"
#include "core/whatsapp/stream_end.h"

namespace portrait::whatsapp {

// One attempt. What differs from one way of linking to the next, a subclass
// adds: what the user is shown, and until when. Confined to `strand`; held by
// the coroutines that work for it, which may outlive the attempt.
class DevicePairing : public std::enable_shared_from_this<DevicePairing> {
 public:
  virtual ~DevicePairing() = default;

  // The whole attempt; the connection has ended when this returns. Once.
  // `events` is asked and told only meanwhile.
  static boost::asio::awaitable<absl::StatusOr<Device>> Run(
      std::shared_ptr<DevicePairing> self, PairingEvents* events);

 protected:
  DevicePairing(boost::asio::any_io_executor strand, ConnectionOptions options);

  // The server's <pair-device>, which has been answered. May come again.
  virtual void OnPairDevice(const Node& pair_device) = 0;
  virtual void OnNotification(const Node& notification) = 0;

  // Shows the user what is new. Returns until when that is all (SteadyNow).
  virtual absl::Time Show(PairingEvents* events) = 0;

  // Why the user is too late; nothing while there is time. `hung_up`: the
  // server ended the stream without a reason, as it does when time is up.
  virtual std::optional<absl::Status> TimeIsUp(bool hung_up) const = 0;

  // Ends the attempt. The first call counts.
  void Fail(absl::Status why);
  // Show() and TimeIsUp() have something new to say.
  void Changed() { changed_.WakeAll(); }

  const boost::asio::any_io_executor& strand() const { return strand_; }
  const ConnectionOptions& options() const { return options_; }
  // After the first OnPairDevice().
  Connection& connection() { return *connection_; }

  const Device& device() const { return device_; }
  // What the phone's proof is held against from now on.
  void SetAdvSecret(std::string secret) {
    device_.adv_secret = std::move(secret);
  }

 private:
  static boost::asio::awaitable<void> Connect(
      std::shared_ptr<DevicePairing> self);
  // Ends the connection, also one that is still being made.
  void Abandon();

  void OnStanza(const Node& stanza);
  void OnServerRequest(const Node& iq);

  // The result so far; nothing while a phone may yet vouch for the device.
  std::optional<absl::Status> Outcome(PairingEvents* events) const;
  boost::asio::awaitable<absl::StatusOr<Device>> Link(PairingEvents* events);
  boost::asio::awaitable<absl::StatusOr<Device>> AnswerPhone(
      PairingEvents* events);

  const boost::asio::any_io_executor strand_;
  const ConnectionOptions options_;
  Device device_;
  std::shared_ptr<Connection> connection_;
  // When a connection is there: until when <pair-device> has to come.
  std::optional<absl::Time> pair_device_due_;
  bool pair_device_seen_ = false;
  std::optional<Node> pair_success_;
  std::optional<absl::Status> failed_;
  std::optional<StreamEnd> end_;
  bool abandoned_ = false;
  Signal changed_;  // any of the above
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_DEVICE_PAIRING_H_
