// GroupQueue collects groups, so that one query asks for the pictures of many.
#ifndef PORTRAIT_CORE_SESSION_GROUP_QUEUE_H_
#define PORTRAIT_CORE_SESSION_GROUP_QUEUE_H_

#include <chrono>
#include <deque>
#include <vector>

#include "absl/time/time.h"
#include "core/session/query_plan.h"

namespace portrait {

// Thread-compatible.
class GroupQueue {
 public:
  // The group's plan must have at least one query.
  void Add(PlannedContact group);
  bool empty() const { return groups_.empty(); }

  // How long to wait for more groups; zero for a single group if the session is
  // idle. Call only if the queue is not empty.
  absl::Duration UntilDue(bool idle) const;
  // Removes at most kMaxGroupsInQuery groups whose next pictures have the same
  // size. Call only if the queue is not empty.
  std::vector<PlannedContact> Take();
  std::deque<PlannedContact> TakeAll();

 private:
  std::deque<PlannedContact> groups_;  // urgent ones in front
  // When the first group was added.
  std::chrono::steady_clock::time_point since_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_GROUP_QUEUE_H_
