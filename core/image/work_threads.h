// WorkThreads runs blocking work in the order in which it was posted.
#ifndef PORTRAIT_CORE_IMAGE_WORK_THREADS_H_
#define PORTRAIT_CORE_IMAGE_WORK_THREADS_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace portrait {

// Thread-safe. The caller bounds the amount of posted work.
class WorkThreads {
 public:
  explicit WorkThreads(size_t threads) {
    for (size_t i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { Run(); });
    }
  }
  ~WorkThreads() { Join(); }

  void Post(std::function<void()> work) {
    absl::MutexLock lock(&mu_);
    works_.push_back(std::move(work));
  }

  // Runs all posted work and ends the threads. Idempotent; no other thread may
  // post meanwhile.
  void Join() {
    {
      absl::MutexLock lock(&mu_);
      joining_ = true;
    }
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return joining_ || !works_.empty();
  }

  void Run() {
    while (true) {
      std::function<void()> work;
      {
        absl::MutexLock lock(&mu_,
                             absl::Condition(this, &WorkThreads::HasWork));
        if (works_.empty()) return;
        work = std::move(works_.front());
        works_.pop_front();
      }
      work();
    }
  }

  absl::Mutex mu_;
  std::deque<std::function<void()>> works_ ABSL_GUARDED_BY(mu_);
  bool joining_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;  // used by the owner only
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_WORK_THREADS_H_
