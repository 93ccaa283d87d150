#include "core/lookup/completion_queue.h"

#include <utility>

namespace portrait {
namespace {

// The most queued observations without a task; further ones are dropped.
constexpr size_t kMaxWithoutTask = 10'000;

bool IsWithoutTask(const CompletedTask& completed) {
  return completed.task.id == 0;
}

}  // namespace

void CompletionQueue::Push(std::vector<CompletedTask> completed) {
  absl::MutexLock lock(&mu_);
  if (closed_) return;
  for (CompletedTask& each : completed) {
    if (IsWithoutTask(each)) {
      if (without_task_ >= kMaxWithoutTask) continue;
      ++without_task_;
    }
    completed_.push_back(std::move(each));
  }
}

std::vector<CompletedTask> CompletionQueue::Pop(size_t max) {
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(
      +[](CompletionQueue* queue) ABSL_EXCLUSIVE_LOCKS_REQUIRED(queue->mu_) {
        return queue->closed_ || !queue->completed_.empty();
      },
      this));
  std::vector<CompletedTask> batch;
  while (!completed_.empty() && batch.size() < max) {
    if (IsWithoutTask(completed_.front())) --without_task_;
    batch.push_back(std::move(completed_.front()));
    completed_.pop_front();
  }
  return batch;
}

void CompletionQueue::Close() {
  absl::MutexLock lock(&mu_);
  closed_ = true;
}

size_t CompletionQueue::size() const {
  absl::MutexLock lock(&mu_);
  return completed_.size();
}

}  // namespace portrait
