#include "client/cli/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <thread>
#include <utility>

#include "client/cli/exit_code.h"

namespace portrait::cli {
namespace {

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

Interrupt::Interrupt() {
  signal(SIGPIPE, SIG_IGN);
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // The thread runs until the process ends.
  std::thread(&Interrupt::Wait, this).detach();
}

void Interrupt::Wait() {
  const sigset_t signals = StopSignals();
  int signal = 0;
  sigwait(&signals, &signal);
  {
    absl::MutexLock lock(&mu_);
    interrupted_ = true;
    if (stop_) stop_();
  }
  sigwait(&signals, &signal);
  _exit(static_cast<int>(ExitCode::kInterrupted));
}

bool Interrupt::interrupted() const {
  absl::MutexLock lock(&mu_);
  return interrupted_;
}

Interrupt::Handler::Handler(Interrupt& interrupt, std::function<void()> stop)
    : interrupt_(interrupt) {
  absl::MutexLock lock(&interrupt.mu_);
  if (interrupt.interrupted_) stop();
  interrupt.stop_ = std::move(stop);
}

Interrupt::Handler::~Handler() {
  absl::MutexLock lock(&interrupt_.mu_);
  interrupt_.stop_ = nullptr;
}

}  // namespace portrait::cli
