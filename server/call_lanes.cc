#include "server/call_lanes.h"

#include <utility>

#include "core/base/status_macros.h"

namespace portrait {

absl::Status CallLanes::Post(const Principal& caller,
                             std::function<void()> work) {
  const bool is_admin = caller.rights.Has(v1::RIGHT_ADMIN);
  CallCounts& counts = is_admin ? admins_ : waiting_;
  // Administrators may share one tenant, so each of their tokens has its own
  // lane.
  const std::string& lane = is_admin ? caller.token_id : caller.tenant;
  RETURN_IF_ERROR(counts.Add(lane));
  FairThreads& threads = is_admin ? admin_thread_ : threads_;
  threads.Post(lane, [&counts, lane, work = std::move(work)] {
    counts.Remove(lane);
    work();
  });
  return absl::OkStatus();
}

void CallLanes::PostRead(const std::string& tenant,
                         std::function<void()> work) {
  threads_.Post(tenant, std::move(work));
}

void CallLanes::Join() {
  threads_.Join();
  admin_thread_.Join();
}

}  // namespace portrait
