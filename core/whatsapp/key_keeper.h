// KeyKeeper keeps the server supplied with this device's keys: one-time prekeys
// where it lacks them, the next signed prekey when its time has come.
#ifndef PORTRAIT_CORE_WHATSAPP_KEY_KEEPER_H_
#define PORTRAIT_CORE_WHATSAPP_KEY_KEEPER_H_

#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/whatsapp/connection.h"
#include "core/whatsapp/device.h"
#include "core/whatsapp/node.h"
#include "core/whatsapp/signal.h"

namespace portrait::whatsapp {

// Does one thing at a time: an upload carries the signed prekey, and would
// bring an old one back beside a rotation. Confined to `strand`. `device` is
// borrowed; `on_changed` is told whenever it is to be stored.
class KeyKeeper {
 public:
  KeyKeeper(const boost::asio::any_io_executor& strand, Device* device,
            std::function<void()> on_changed, const ConnectionOptions& options);

  void Attach(std::shared_ptr<Connection> connection);

  // At login: uploads one-time prekeys where the server or we lack them.
  //
  // Errors: what the server answered, those of Connection::Request.
  boost::asio::awaitable<absl::Status> Stock();

  // Sees to whatever comes up, until the connection ends. After Stock(); once.
  static boost::asio::awaitable<void> Run(std::shared_ptr<KeyKeeper> self);

  // <notification type="encrypt">: prekeys run low, or keys are to be compared.
  void OnNotification(const Node& notification);
  // The connection has ended.
  void OnEnd() { wanted_.WakeAll(); }

 private:
  // Each without an error: what fails is logged, and tried again in its time.
  boost::asio::awaitable<void> Compare();
  boost::asio::awaitable<void> Refill();
  boost::asio::awaitable<void> Rotate();

  boost::asio::awaitable<absl::Status> Upload(size_t count);
  absl::Duration UntilRefill() const;
  absl::Duration UntilRotation() const;

  Device& device_;
  const std::function<void()> on_changed_;
  const Clock clock_;
  const absl::Duration request_timeout_;
  std::shared_ptr<Connection> connection_;

  bool comparison_wanted_ = true;  // once after each login
  bool refill_wanted_ = false;
  int failed_refills_ = 0;                           // in a row
  absl::Time next_refill_ = absl::InfinitePast();    // SteadyNow
  absl::Time next_rotation_ = absl::InfinitePast();  // not before that
  Signal wanted_;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_KEY_KEEPER_H_
