// What calls of administrators do with the cluster.
#ifndef PORTRAIT_SERVER_CLUSTER_CONTROL_H_
#define PORTRAIT_SERVER_CLUSTER_CONTROL_H_

#include <cstddef>
#include <vector>

#include "absl/time/time.h"
#include "core/cluster/node_table.h"

namespace portrait {

// Thread-safe.
class ClusterControl {
 public:
  virtual ~ClusterControl() = default;
  // All nodes of the cluster, by name.
  virtual std::vector<cluster::ClusterNode> Nodes() const = 0;
  // When this node became active the last time; infinitely past: never.
  virtual absl::Time active_since() const = 0;
  // Lets another node become active soon. Returns at once.
  virtual void HandOver() = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CLUSTER_CONTROL_H_
