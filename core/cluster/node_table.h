// NodeTable has the nodes of the cluster, as they describe themselves in the
// log. Each node writes a message about itself every kNodeInterval.
#ifndef PORTRAIT_CORE_CLUSTER_NODE_TABLE_H_
#define PORTRAIT_CORE_CLUSTER_NODE_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "portrait/store/v1/cluster.pb.h"

namespace portrait::cluster {

inline constexpr absl::Duration kNodeInterval = absl::Seconds(2);
// A node that was not heard of for this time is gone.
inline constexpr absl::Duration kNodeTimeout = absl::Seconds(10);
// Messages of further nodes are ignored.
inline constexpr size_t kMaxNodes = 1000;

// How others reach a node.
struct NodeAddresses {
  std::string grpc;         // HOST:PORT; empty: not known yet
  std::string http;         // HOST:PORT; empty: none
  bool is_serving = false;  // the node answers calls itself

  bool operator==(const NodeAddresses& other) const {
    return grpc == other.grpc && http == other.http &&
           is_serving == other.is_serving;
  }
};

struct ClusterNode {
  std::string name;
  std::string version;  // of portraitd
  NodeAddresses addresses;
  bool is_here = false;    // this node
  bool is_active = false;  // the process with the newest claim
  bool is_gone = false;    // not heard of for kNodeTimeout
  uint64_t owned_partitions = 0;
  uint64_t lag = 0;        // messages that are in the log and not applied
  absl::Time started_at;   // the process
  absl::Duration silence;  // since this node heard of it; infinite: it did not
};

// Thread-safe.
class NodeTable {
 public:
  // `name`, `version` and `writer` are this node's and this process's.
  NodeTable(std::string name, std::string version, uint64_t writer,
            Clock clock);

  // All nodes, by name. A node that stopped has left; a node that was killed
  // stays, and is gone.
  std::vector<ClusterNode> List() const;
  // The active node, even if it is gone; nothing if there was none, or its
  // address is not known.
  std::optional<ClusterNode> Active() const;

  // What this node tells the others of itself from now on, at once if it is
  // news.
  void Announce(const NodeAddresses& addresses);

  // For ClusterLog. The message to write, with the given figures.
  store::v1::LoggedNode OwnMessage(uint64_t owned, uint64_t lag);
  // Whether there is something to tell before the next interval.
  bool HasNews() const;
  // A message was read; `message` is nothing if the node has left. `is_new` is
  // false for messages that were in the log when this node started.
  //
  // Errors: FAILED_PRECONDITION if an older process has this node's name.
  absl::Status OnMessage(const std::string& name, uint64_t writer,
                         const store::v1::LoggedNode* message, bool is_new);
  // The newest claim was read.
  void OnClaim(const std::string& name, uint64_t writer);

 private:
  struct Row {
    uint64_t writer = 0;
    store::v1::LoggedNode message;
    absl::Time heard_at = absl::InfinitePast();
  };
  absl::Status CheckOwnName(uint64_t writer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  ClusterNode NodeOf(const std::string& name, const Row& row) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::string name_;
  const std::string version_;
  const uint64_t writer_;
  const Clock clock_;
  const absl::Time started_at_;

  mutable absl::Mutex mu_;
  NodeAddresses addresses_ ABSL_GUARDED_BY(mu_);
  bool has_news_ ABSL_GUARDED_BY(mu_) = true;
  absl::btree_map<std::string, Row> rows_ ABSL_GUARDED_BY(mu_);
  std::string claim_node_ ABSL_GUARDED_BY(mu_);
  uint64_t claim_writer_ ABSL_GUARDED_BY(mu_) = 0;
  // Whether a message of this process was read, and the last other process of
  // this node's name before that.
  bool is_heard_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t earlier_writer_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_NODE_TABLE_H_
