#include "core/cluster/node_role.h"

#include <utility>

namespace portrait::cluster {

uint64_t NodeRole::term() const {
  absl::MutexLock lock(&mu_);
  return term_;
}

uint64_t NodeRole::AwaitTerm(absl::Duration timeout) const {
  absl::MutexLock lock(&mu_);
  const auto is_active = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return term_ != 0;
  };
  mu_.AwaitWithTimeout(absl::Condition(&is_active), timeout);
  return term_;
}

bool NodeRole::AwaitEndOf(uint64_t term, absl::Duration timeout) const {
  absl::MutexLock lock(&mu_);
  const auto is_over = [this, term]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return term_ != term;
  };
  return mu_.AwaitWithTimeout(absl::Condition(&is_over), timeout);
}

void NodeRole::Bind(uint64_t term) {
  absl::MutexLock lock(&mu_);
  bound_term_ = term;
}

absl::Status NodeRole::CheckBound() const {
  absl::MutexLock lock(&mu_);
  if (bound_term_ == 0 || bound_term_ == term_) return absl::OkStatus();
  return absl::UnavailableError(
      "cluster: this node is no longer the active one; try again");
}

void NodeRole::SetListener(std::function<void()> listener) {
  absl::MutexLock lock(&listener_mu_);
  listener_ = std::move(listener);
}

void NodeRole::Begin() {
  absl::MutexLock lock(&mu_);
  if (term_ != 0) return;
  term_ = ++last_term_;
  is_told_ = false;
}

void NodeRole::End() {
  absl::MutexLock lock(&mu_);
  if (term_ == 0) return;
  term_ = 0;
  is_told_ = false;
}

void NodeRole::CallListener() {
  {
    absl::MutexLock lock(&mu_);
    if (is_told_) return;
    is_told_ = true;
  }
  std::function<void()> listener;
  {
    absl::MutexLock lock(&listener_mu_);
    listener = listener_;
  }
  if (listener) listener();
}

}  // namespace portrait::cluster
