// StopSignals receives the signals that stop the process or reload settings.
#ifndef PORTRAIT_SERVER_STOP_SIGNALS_H_
#define PORTRAIT_SERVER_STOP_SIGNALS_H_

#include <sys/signalfd.h>

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "absl/status/statusor.h"

namespace portrait {

// Thread-compatible; the functions are called by the threads that run `io`,
// which end before this object.
class StopSignals {
 public:
  // Blocks the signals in the calling thread and in its later child threads.
  static void Block();
  // After a stop signal: a second one has its default action, which ends the
  // process.
  static void Unblock();

  // `on_hangup` is called for each SIGHUP, `on_stop` for SIGINT and SIGTERM.
  //
  // Errors: INTERNAL.
  static absl::StatusOr<std::unique_ptr<StopSignals>> Receive(
      boost::asio::io_context& io, std::function<void()> on_hangup,
      std::function<void()> on_stop);

 private:
  StopSignals(boost::asio::io_context& io, int descriptor,
              std::function<void()> on_hangup, std::function<void()> on_stop);
  void ReadNext();
  void OnSignal(int signal);

  const std::function<void()> on_hangup_;
  const std::function<void()> on_stop_;
  boost::asio::posix::stream_descriptor descriptor_;
  signalfd_siginfo info_ = {};
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_STOP_SIGNALS_H_
