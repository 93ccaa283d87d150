#include "core/cluster/group_membership.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/status_macros.h"

namespace portrait::cluster {
namespace {

// More than Revoke waits for writes that are on their way.
constexpr absl::Duration kGroupLeaveTimeout = absl::Seconds(10);

}  // namespace

absl::Status GroupMembership::HandOver() {
  absl::MutexLock lock(&mu_);
  takes_part_ = false;
  const auto has_left = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return !is_member_;
  };
  if (mu_.AwaitWithTimeout(absl::Condition(&has_left), kGroupLeaveTimeout)) {
    return absl::OkStatus();
  }
  return absl::DeadlineExceededError(
      absl::StrCat("cluster: this node has not left the group within ",
                   absl::FormatDuration(kGroupLeaveTimeout)));
}

void GroupMembership::TakePart() {
  absl::MutexLock lock(&mu_);
  takes_part_ = true;
}

absl::Status GroupMembership::Keep(bool is_able) {
  bool is_wanted = false;
  {
    absl::MutexLock lock(&mu_);
    is_wanted = is_able && takes_part_;
    if (is_wanted) is_member_ = true;  // HandOver waits from now on
  }
  if (!is_wanted) {
    Leave();
    return absl::OkStatus();
  }
  if (membership_ != nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(membership_, join_());
  return absl::OkStatus();
}

absl::Status GroupMembership::Poll(absl::Duration timeout) {
  if (membership_ != nullptr) return membership_->Poll(timeout);
  absl::SleepFor(timeout);
  return absl::OkStatus();
}

void GroupMembership::Leave() {
  if (membership_ != nullptr) membership_->Leave();
  membership_.reset();
  absl::MutexLock lock(&mu_);
  is_member_ = false;
}

}  // namespace portrait::cluster
