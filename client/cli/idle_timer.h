// IdleTimer calls a function after a time without activity.
#ifndef PORTRAIT_CLIENT_CLI_IDLE_TIMER_H_
#define PORTRAIT_CLIENT_CLI_IDLE_TIMER_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace portrait::cli {

// Thread-safe.
class IdleTimer {
 public:
  // Calls `on_idle`, once and on a separate thread, if `first` has passed
  // without any Touch, or `patience` since the last one. Infinite: never.
  IdleTimer(absl::Duration first, absl::Duration patience,
            std::function<void()> on_idle);
  // Waits for a call under way.
  ~IdleTimer();
  IdleTimer(const IdleTimer&) = delete;
  IdleTimer& operator=(const IdleTimer&) = delete;

  void Touch();
  // Whether the time has passed and `on_idle` was called.
  bool fired() const;

 private:
  void Wait();

  const absl::Duration patience_;
  const std::function<void()> on_idle_;
  mutable absl::Mutex mu_;
  absl::Time deadline_ ABSL_GUARDED_BY(mu_);
  // Set when another member changes.
  bool changed_ ABSL_GUARDED_BY(mu_) = false;
  bool fired_ ABSL_GUARDED_BY(mu_) = false;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_IDLE_TIMER_H_
