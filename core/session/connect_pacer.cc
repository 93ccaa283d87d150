#include "core/session/connect_pacer.h"

#include <algorithm>

namespace portrait {

absl::Time ConnectPacer::TakeTurn(absl::Time now) {
  absl::MutexLock lock(&mu_);
  const absl::Time turn = std::max(now, next_);
  next_ = turn + spacing_;
  return turn;
}

}  // namespace portrait
