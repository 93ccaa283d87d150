// GroupMembership decides when this node is in the consumer group: only while
// it may become active.
#ifndef PORTRAIT_CORE_CLUSTER_GROUP_MEMBERSHIP_H_
#define PORTRAIT_CORE_CLUSTER_GROUP_MEMBERSHIP_H_

#include <functional>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/cluster/log_membership.h"

namespace portrait::cluster {

// HandOver and TakePart are thread-safe; the others are for the group's thread.
class GroupMembership {
 public:
  using Joined = absl::StatusOr<std::unique_ptr<LogMembership>>;
  using Join = std::function<Joined()>;
  explicit GroupMembership(Join join) : join_(std::move(join)) {}

  // Lets another node become active at once; waits for writes that are on their
  // way. This node does not become active again before TakePart. Not for a
  // thread of the log.
  // Errors: DEADLINE_EXCEEDED; the node leaves the group as soon as it can.
  absl::Status HandOver();
  void TakePart();

  // Joins if `is_able` and the node takes part, or leaves. Errors: those of
  // LogMembership::Join.
  absl::Status Keep(bool is_able);
  // Waits up to `timeout` for events. Errors: those of LogMembership::Poll.
  absl::Status Poll(absl::Duration timeout);
  void Leave();

 private:
  const Join join_;
  std::unique_ptr<LogMembership> membership_;

  absl::Mutex mu_;
  bool takes_part_ ABSL_GUARDED_BY(mu_) = true;
  bool is_member_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_GROUP_MEMBERSHIP_H_
