#include "core/base/fair_threads.h"

#include <utility>

namespace portrait {

FairThreads::FairThreads(size_t threads) {
  for (size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

void FairThreads::Post(const std::string& tenant, Work work) {
  absl::MutexLock lock(&mu_);
  const auto [found, is_new] = lines_.try_emplace(tenant);
  if (is_new) found->second = ring_.insert(ring_.end(), Line{tenant, {}});
  found->second->works.push_back(std::move(work));
}

void FairThreads::Join() {
  {
    absl::MutexLock lock(&mu_);
    joining_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

FairThreads::Work FairThreads::PopLocked() {
  Line& line = ring_.front();
  Work work = std::move(line.works.front());
  line.works.pop_front();
  if (line.works.empty()) {
    lines_.erase(line.tenant);
    ring_.pop_front();
  } else {
    ring_.splice(ring_.end(), ring_, ring_.begin());
  }
  return work;
}

void FairThreads::Run() {
  while (true) {
    Work work;
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(
          +[](FairThreads* self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mu_) {
            return self->joining_ || !self->ring_.empty();
          },
          this));
      if (ring_.empty()) return;
      work = PopLocked();
    }
    work();
  }
}

}  // namespace portrait
