#include "client/backoff.h"

#include <algorithm>

namespace portrait::client {

absl::Duration Backoff::Next() {
  const absl::Duration wait = current_ * absl::Uniform(random_, 0.5, 1.0);
  current_ = std::min(current_ * 2, longest_);
  return wait;
}

}  // namespace portrait::client
