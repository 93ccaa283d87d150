// CallLanes queues calls that may block on the store: history, erasure, usage,
// watches, administration. Each tenant has a lane, and tenants take turns.
// Administrators' calls have a separate thread, so that a token can be revoked
// while its holder floods the server.
#ifndef PORTRAIT_SERVER_CALL_LANES_H_
#define PORTRAIT_SERVER_CALL_LANES_H_

#include <cstddef>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "core/access/access_control.h"
#include "core/base/fair_threads.h"
#include "server/call_counts.h"

namespace portrait {

// Thread-safe. The destructor runs all posted work.
class CallLanes {
 public:
  // Limits of waiting calls.
  static constexpr CallCounts::Limits kLimits = {/*of_tenant=*/200,
                                                 /*in_all=*/2000};
  static constexpr size_t kThreads = 2;

  explicit CallLanes(size_t threads = kThreads,
                     CallCounts::Limits limits = kLimits)
      : waiting_(limits), admins_(limits), threads_(threads) {}

  // Runs `work` when the caller's tenant has its turn.
  //
  // Errors: RESOURCE_EXHAUSTED (too many of its calls wait); it does not run.
  absl::Status Post(const Principal& caller, std::function<void()> work);

  // Like Post, for a stream of the tenant; the number of streams is limited
  // elsewhere.
  void PostRead(const std::string& tenant, std::function<void()> work);

  // Runs all posted work and ends the threads.
  void Join();

 private:
  CallCounts waiting_;
  CallCounts admins_;  // waiting calls of administrators
  FairThreads threads_;
  FairThreads admin_thread_{1};
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CALL_LANES_H_
