#include "core/cluster/sequences.h"

#include <algorithm>

namespace portrait::cluster {

void Sequences::Begin(uint64_t last) {
  absl::MutexLock lock(&mu_);
  last_ = std::max(last_, last);
  open_.clear();
}

uint64_t Sequences::Assign(size_t place) {
  absl::MutexLock lock(&mu_);
  open_[++last_] = place;
  return last_;
}

void Sequences::Close(uint64_t sequence) {
  absl::MutexLock lock(&mu_);
  open_.erase(sequence);
}

bool Sequences::CloseAllOf(size_t place) {
  absl::MutexLock lock(&mu_);
  const size_t before = open_.size();
  for (auto each = open_.begin(); each != open_.end();) {
    each = each->second == place ? open_.erase(each) : std::next(each);
  }
  return open_.size() != before;
}

uint64_t Sequences::last() const {
  absl::MutexLock lock(&mu_);
  return last_;
}

uint64_t Sequences::Settled(uint64_t applied) const {
  absl::MutexLock lock(&mu_);
  return open_.empty() ? applied : std::min(applied, open_.begin()->first - 1);
}

}  // namespace portrait::cluster
