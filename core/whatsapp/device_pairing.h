// DevicePairing is the common part of all ways to link a device: it connects as
// a device without an account, waits until a phone has approved it, verifies
// the proof, answers it and waits for the restart.
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

// One attempt. A subclass decides which code the user is shown, and for how
// long. Confined to `strand`; held by its coroutines, which may outlive the
// attempt.
class DevicePairing : public std::enable_shared_from_this<DevicePairing> {
 public:
  virtual ~DevicePairing() = default;

  // Runs the whole attempt; the connection has ended when this returns. Call it
  // once. `events` is used only during this call.
  static boost::asio::awaitable<absl::StatusOr<Device>> Run(
      std::shared_ptr<DevicePairing> self, PairingEvents* events);

 protected:
  DevicePairing(boost::asio::any_io_executor strand, ConnectionOptions options);

  // Handles the server's <pair-device>, which has been answered. May be called
  // again.
  virtual void OnPairDevice(const Node& pair_device) = 0;
  virtual void OnNotification(const Node& notification) = 0;

  // Shows the user a new code, if any. Returns the time (SteadyNow) of the next
  // call.
  virtual absl::Time Show(PairingEvents* events) = 0;

  // The error if the user is too late; nullopt while there is time. `hung_up`:
  // the server ended the stream without a reason, as it does after the time is
  // up.
  virtual std::optional<absl::Status> TimeIsUp(bool hung_up) const = 0;

  // Ends the attempt. Only the first call has an effect.
  void Fail(absl::Status why);
  // Call it if Show() or TimeIsUp() would return something else.
  void Changed() { changed_.WakeAll(); }

  const boost::asio::any_io_executor& strand() const { return strand_; }
  const ConnectionOptions& options() const { return options_; }
  // Call it only after the first OnPairDevice().
  Connection& connection() { return *connection_; }

  const Device& device() const { return device_; }
  // Sets the secret with which the phone's proof is verified from now on.
  void SetAdvSecret(std::string secret) {
    device_.adv_secret = std::move(secret);
  }

 private:
  static boost::asio::awaitable<void> Connect(
      std::shared_ptr<DevicePairing> self);
  // Ends the connection, even one that is still being opened.
  void Abandon();

  void OnStanza(const Node& stanza);
  void OnServerRequest(const Node& iq);

  // The result so far; nullopt while a phone may still approve the device.
  std::optional<absl::Status> Outcome(PairingEvents* events) const;
  boost::asio::awaitable<absl::StatusOr<Device>> Link(PairingEvents* events);
  boost::asio::awaitable<absl::StatusOr<Device>> AnswerPhone(
      PairingEvents* events);

  const boost::asio::any_io_executor strand_;
  const ConnectionOptions options_;
  Device device_;
  std::shared_ptr<Connection> connection_;
  // Once connected, the time until which <pair-device> must arrive.
  std::optional<absl::Time> pair_device_due_;
  bool pair_device_seen_ = false;
  std::optional<Node> pair_success_;
  std::optional<absl::Status> failed_;
  std::optional<StreamEnd> end_;
  bool abandoned_ = false;
  Signal changed_;  // woken when any of the above changes
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_DEVICE_PAIRING_H_
