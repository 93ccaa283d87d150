#include "server/stop_signals.h"

#include <csignal>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>

#include "absl/memory/memory.h"
#include "core/base/telemetry.h"

namespace portrait {
namespace {

sigset_t HandledSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGHUP);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

void StopSignals::Block() {
  const sigset_t signals = HandledSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void StopSignals::Unblock() {
  const sigset_t signals = HandledSignals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

absl::StatusOr<std::unique_ptr<StopSignals>> StopSignals::Receive(
    boost::asio::io_context& io, std::function<void()> on_hangup,
    std::function<void()> on_stop) {
  const sigset_t signals = HandledSignals();
  const int descriptor = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  if (descriptor < 0) {
    return absl::InternalError("cannot receive signals: no descriptor");
  }
  auto received = absl::WrapUnique(new StopSignals(
      io, descriptor, std::move(on_hangup), std::move(on_stop)));
  received->ReadNext();
  return received;
}

StopSignals::StopSignals(boost::asio::io_context& io, int descriptor,
                         std::function<void()> on_hangup,
                         std::function<void()> on_stop)
    : on_hangup_(std::move(on_hangup)),
      on_stop_(std::move(on_stop)),
      descriptor_(io, descriptor) {}

void StopSignals::ReadNext() {
  boost::asio::async_read(
      descriptor_, boost::asio::buffer(&info_, sizeof(info_)),
      [this](const boost::system::error_code& ec, size_t /*bytes*/) {
        if (ec) return;
        OnSignal(static_cast<int>(info_.ssi_signo));
      });
}

void StopSignals::OnSignal(int signal) {
  if (signal == SIGHUP) {
    on_hangup_();
    return ReadNext();
  }
  // The next one is not received here.
  boost::system::error_code ignored;
  descriptor_.close(ignored);
  LogInfo("{}: finishing calls in flight; repeat the signal to exit at once",
          signal == SIGINT ? "SIGINT" : "SIGTERM");
  on_stop_();
}

}  // namespace portrait
