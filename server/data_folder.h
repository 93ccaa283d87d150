// The layout of the data folder, for serving and for offline operations.
#ifndef PORTRAIT_SERVER_DATA_FOLDER_H_
#define PORTRAIT_SERVER_DATA_FOLDER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "core/access/access_control.h"
#include "core/cluster/cluster_stores.h"
#include "core/store/picture_store.h"
#include "server/config.h"

namespace portrait {

// DIR/admin.token.
std::string AdminTokenFile(const Config& config);
// DIR/db.
std::string StoreFolder(const Config& config);

// Opens the store in the data folder; folder and store are made if missing.
// Errors: those of MakeFolder and OpenRocksDbStores; FAILED_PRECONDITION if the
// key and the admin token exist, but no store, unless config.new_store is set.
// A node of a cluster joins it, and waits until its store has what the log has;
// without a cluster, `log` is null.
absl::StatusOr<cluster::ClusterStores> OpenStores(const Config& config);

// The same for an operation in place of serving that changes what a cluster's
// nodes share: a node waits until it is active. Errors: in addition,
// FAILED_PRECONDITION if another node stays active.
absl::StatusOr<cluster::ClusterStores> OpenStoresToWrite(const Config& config);

// The same for an operation on `images`, which are each node's own: a node does
// not join the cluster, and has no `pictures`.
absl::StatusOr<Stores> OpenOwnStores(const Config& config);

// The tokens in `store`, of a server that may write to it.
// Errors: those of AccessControl::Open.
absl::StatusOr<std::unique_ptr<AccessControl>> OpenAccess(const Config& config,
                                                          KeyValueStore& store);

// On a node, writes the cluster's admin token to the node's file, unless the
// file has it. A failure is logged.
void RefreshAdminToken(const Config& config, KeyValueStore& store);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_DATA_FOLDER_H_
