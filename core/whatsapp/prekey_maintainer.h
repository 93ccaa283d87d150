// PrekeyMaintainer uploads this device's prekeys: one-time prekeys if the
// server has too few, the next signed prekey when its rotation is due.
#ifndef PORTRAIT_CORE_WHATSAPP_PREKEY_MAINTAINER_H_
#define PORTRAIT_CORE_WHATSAPP_PREKEY_MAINTAINER_H_

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

// Runs one task at a time: an upload carries the signed prekey, and during a
// rotation would restore the old signed prekey. Confined to `strand`. `device`
// is borrowed; `on_changed` is called whenever `device` has to be stored.
class PrekeyMaintainer {
 public:
  PrekeyMaintainer(const boost::asio::any_io_executor& strand, Device* device,
                   std::function<void()> on_changed,
                   const ConnectionOptions& options);

  void Attach(std::shared_ptr<Connection> connection);

  // While the login is passive: uploads the device's first one-time prekeys.
  // If that fails, Run() tries again.
  //
  // Errors: the server's error, those of Connection::Request.
  boost::asio::awaitable<absl::Status> UploadFirst();

  // Runs due tasks until the connection ends. Called once, after
  // UploadFirst() if that is needed.
  static boost::asio::awaitable<void> Run(
      std::shared_ptr<PrekeyMaintainer> self);

  // <notification type="encrypt">: the server has few
  // prekeys left, or asks the device to compare its keys.
  void OnNotification(const Node& notification);
  // The connection has ended.
  void OnEnd() { wanted_.WakeAll(); }

 private:
  // These return no error: a failure is logged, and the task is retried when
  // due.
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

#endif  // PORTRAIT_CORE_WHATSAPP_PREKEY_MAINTAINER_H_
