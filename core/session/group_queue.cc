#include "core/session/group_queue.h"

#include <utility>

namespace portrait {

void GroupQueue::Add(PlannedContact group) {
  if (groups_.empty()) since_ = std::chrono::steady_clock::now();
  if (group.task.urgent) {
    groups_.push_front(std::move(group));
  } else {
    groups_.push_back(std::move(group));
  }
}

absl::Duration GroupQueue::UntilDue(bool idle) const {
  const bool is_full = groups_.size() >= whatsapp::kMaxGroupsInQuery;
  if (is_full || (groups_.size() == 1 && idle)) return absl::ZeroDuration();
  const absl::Duration waited =
      absl::FromChrono(std::chrono::steady_clock::now() - since_);
  return GatherTime(groups_.front().task.urgent) - waited;
}

std::vector<PlannedContact> GroupQueue::Take() {
  const whatsapp::PictureType type = groups_.front().plan.queries.front().type;
  std::vector<PlannedContact> taken;
  std::deque<PlannedContact> left;
  for (PlannedContact& group : groups_) {
    if (taken.size() < whatsapp::kMaxGroupsInQuery &&
        group.plan.queries.front().type == type) {
      taken.push_back(std::move(group));
    } else {
      left.push_back(std::move(group));
    }
  }
  groups_ = std::move(left);
  return taken;
}

std::deque<PlannedContact> GroupQueue::TakeAll() {
  return std::exchange(groups_, {});
}

}  // namespace portrait
