// The layout of the data folder, for serving and for offline operations.
#ifndef PORTRAIT_SERVER_DATA_FOLDER_H_
#define PORTRAIT_SERVER_DATA_FOLDER_H_

#include <string>

#include "absl/status/statusor.h"
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

// The same for an operation in place of serving: a node of a cluster does not
// join it, and has no `pictures`.
absl::StatusOr<Stores> OpenOwnStores(const Config& config);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_DATA_FOLDER_H_
