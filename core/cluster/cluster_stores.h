// Opens the stores of a node.
#ifndef PORTRAIT_CORE_CLUSTER_CLUSTER_STORES_H_
#define PORTRAIT_CORE_CLUSTER_CLUSTER_STORES_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/cluster/cluster_log.h"
#include "core/cluster/cluster_options.h"
#include "core/store/picture_store.h"

namespace portrait::cluster {

struct ClusterStores {
  Stores stores;
  ClusterLog* log = nullptr;  // of stores.pictures; null: no cluster
};

// Opens the node's copy in `folder`, joins the cluster and waits until the copy
// has what the log had, whatever the node's role; see NodeRole. Everything but
// `images` is the cluster's. `pictures` outlives calls of the other stores.
//
// Errors: those of OpenRocksDbReplica and ClusterLog::Open.
absl::StatusOr<ClusterStores> OpenClusterStores(
    const std::string& folder, const RocksDbOptions& store_options,
    const ClusterOptions& options);

// Opens what is the node's own, `images`, without joining the cluster. Nothing
// may be written to the others; `pictures` is null.
//
// Errors: those of OpenRocksDbReplica.
absl::StatusOr<Stores> OpenNodeStores(const std::string& folder,
                                      const RocksDbOptions& store_options,
                                      const Secret& cluster_key);

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_CLUSTER_STORES_H_
