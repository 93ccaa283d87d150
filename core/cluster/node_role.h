// NodeRole says whether this node is the active one of its cluster: it owns all
// partitions of the log, so that its stores take writes. The others stand by.
#ifndef PORTRAIT_CORE_CLUSTER_NODE_ROLE_H_
#define PORTRAIT_CORE_CLUSTER_NODE_ROLE_H_

#include <cstdint>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace portrait::cluster {

// Thread-safe. The time for which a node is active is a term; terms are
// numbered from 1. When a term begins, the node's copy has everything that the
// earlier active nodes wrote. A write that the log did not confirm does not end
// a term, but another node's claim does.
class NodeRole {
 public:
  // The term; 0 if the node stands by.
  uint64_t term() const;
  bool IsActive() const { return term() != 0; }

  // Waits up to `timeout` until the node is active; returns the term, or 0.
  uint64_t AwaitTerm(absl::Duration timeout) const;
  // Waits up to `timeout` until the term is over; returns whether it is.
  bool AwaitEndOf(uint64_t term, absl::Duration timeout) const;

  // From now on, this node's stores take writes in this term only, so that what
  // remains of an earlier term cannot write. Unless it was called, they take
  // writes in every term.
  void Bind(uint64_t term);
  // Errors: UNAVAILABLE if the bound term is over.
  absl::Status CheckBound() const;

  // `listener` is called after each beginning and end of a term, on a thread of
  // the log. It must not block, and own what it uses, because a call may be on
  // its way when another listener is set. Null: no listener.
  void SetListener(std::function<void()> listener);

  // For ClusterLog. Begin does nothing during a term, End without one. Both
  // leave it to their caller to call CallListener without locks.
  void Begin();
  void End();
  void CallListener();

 private:
  mutable absl::Mutex mu_;
  uint64_t last_term_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t term_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t bound_term_ ABSL_GUARDED_BY(mu_) = 0;
  bool is_told_ ABSL_GUARDED_BY(mu_) = true;  // the listener knows it

  absl::Mutex listener_mu_;
  std::function<void()> listener_ ABSL_GUARDED_BY(listener_mu_);
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_NODE_ROLE_H_
