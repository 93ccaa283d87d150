#include "client/cli/idle_timer.h"

#include <utility>

#include "absl/time/clock.h"

namespace portrait::cli {

IdleTimer::IdleTimer(absl::Duration first, absl::Duration patience,
                     std::function<void()> on_idle)
    : patience_(patience),
      on_idle_(std::move(on_idle)),
      deadline_(absl::Now() + first),
      thread_([this] { Wait(); }) {}

IdleTimer::~IdleTimer() {
  {
    absl::MutexLock lock(&mu_);
    stopped_ = true;
    changed_ = true;
  }
  thread_.join();
}

void IdleTimer::Touch() {
  absl::MutexLock lock(&mu_);
  deadline_ = absl::Now() + patience_;
  changed_ = true;
}

bool IdleTimer::fired() const {
  absl::MutexLock lock(&mu_);
  return fired_;
}

void IdleTimer::Wait() {
  {
    absl::MutexLock lock(&mu_);
    while (!stopped_ && absl::Now() < deadline_) {
      mu_.AwaitWithDeadline(absl::Condition(&changed_), deadline_);
      changed_ = false;
    }
    if (stopped_) return;
    fired_ = true;
  }
  on_idle_();
}

}  // namespace portrait::cli
