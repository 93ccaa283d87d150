// Node runs the server from its start to its stop: it answers calls while it is
// active, and otherwise relays them to the active node of its cluster. Without
// a cluster it is always active.
#ifndef PORTRAIT_SERVER_NODE_H_
#define PORTRAIT_SERVER_NODE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/cluster/cluster_log.h"
#include "core/cluster/node_table.h"
#include "server/cluster_control.h"
#include "server/standby.h"
#include "server/term.h"

namespace portrait {

// Stop and the functions of ClusterControl are thread-safe; one thread runs
// Run.
class Node final : public ClusterControl {
 public:
  // A single thread runs `io`, for relayed connections. `log`: null without a
  // cluster. All arguments outlive the node.
  Node(boost::asio::io_context& io, const TermParts& parts,
       cluster::ClusterLog* log);
  ~Node() override;

  // Serves and stands by until Stop. `on_ready` is called once, when calls are
  // answered, here or by the active node.
  //
  // Errors: those of Term::Begin; ABORTED if the store takes no writes until
  // the process starts again; those of `on_ready`.
  absl::Status Run(const std::function<absl::Status()>& on_ready);
  // Finishes calls, and lets another node become active.
  void Stop();

  std::vector<cluster::ClusterNode> Nodes() const override;
  absl::Time active_since() const override;
  void HandOver() override;

 private:
  enum class End { kStop, kHandOver, kRoleLost };

  absl::Status TellReady(const std::function<absl::Status()>& on_ready);
  // Returns false at a stop.
  absl::StatusOr<bool> StandBy(const std::function<absl::Status()>& on_ready);
  absl::Status ServeTerm(const std::function<absl::Status()>& on_ready);
  End AwaitEnd(uint64_t term);
  void EndTerm(Term& term, End why);
  std::string Announce(bool is_serving);  // returns the address for gRPC
  void TakePartAgain(bool has_other);
  bool IsActive(uint64_t term) const;
  bool IsStopped() const;
  // Waits until Stop, HandOver, a change of the role, or the timeout.
  void Wait(absl::Duration timeout);
  void Wake();

  const TermParts parts_;
  cluster::ClusterLog* const log_;
  Standby standby_;
  bool is_ready_ = false;
  std::optional<absl::Time> handed_over_at_;  // and not taking part since

  mutable absl::Mutex mu_;
  bool is_stopped_ ABSL_GUARDED_BY(mu_) = false;
  bool hands_over_ ABSL_GUARDED_BY(mu_) = false;
  bool is_woken_ ABSL_GUARDED_BY(mu_) = false;
  absl::Time active_since_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_NODE_H_
