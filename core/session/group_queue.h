// GroupQueue gathers groups, so that one query asks for the pictures of many.
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
  // With at least one query in its plan.
  void Add(PlannedContact group);
  bool empty() const { return groups_.empty(); }

  // How long it pays to wait for others; one alone goes at once when the
  // session is idle. Not empty.
  absl::Duration UntilDue(bool idle) const;
  // At most kMaxGroupsInQuery whose next pictures are of one size. Not empty.
  std::vector<PlannedContact> Take();
  std::deque<PlannedContact> TakeAll();

 private:
  std::deque<PlannedContact> groups_;            // urgent ones in front
  std::chrono::steady_clock::time_point since_;  // that the first waits
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_GROUP_QUEUE_H_
