#include "server/data_folder.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/access/shared_admin_token.h"
#include "core/base/files.h"
#include "core/base/key_file.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"

namespace portrait {

std::string AdminTokenFile(const Config& config) {
  return absl::StrCat(config.data_dir, "/admin.token");
}

std::string StoreFolder(const Config& config) {
  return absl::StrCat(config.data_dir, "/db");
}

namespace {

// The time for a node to become active when no other one is.
constexpr absl::Duration kFirstTermTimeout = absl::Seconds(10);

// If a data folder has a key and a token but no store, its store is elsewhere,
// for example on a disk that is not mounted. A new store would replace the
// admin token, and all accounts would be missing.
absl::Status CheckStoreIsNotMissing(const Config& config) {
  const auto exists = [](const std::string& path) {
    return access(path.c_str(), F_OK) == 0;
  };
  const std::string folder = StoreFolder(config);
  // RocksDB starts reading at this file.
  if (exists(folder + "/CURRENT") || !exists(config.key_file) ||
      !exists(AdminTokenFile(config)) || config.new_store) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("there is no store in ", folder, ", but its key ",
                   config.key_file, " and ", AdminTokenFile(config),
                   " exist: is the disk of the store mounted? --restore "
                   "creates the store from a backup; --new-store starts with "
                   "an empty one and a new admin token"));
}

// The first node makes the key. On another node, whose file is missing, the new
// key is not that of the cluster, which the log then says.
absl::StatusOr<Secret> ClusterKey(const std::string& file) {
  absl::StatusOr<SealKeys> keys = ReadKeyFile(file);
  if (absl::IsNotFound(keys.status())) {
    keys = MakeSealKeys();
    RETURN_IF_ERROR(WriteKeyFile(file, *keys));
    LogInfo("cluster: made the key {}; copy it to the other nodes", file);
  }
  RETURN_IF_ERROR(keys.status());
  return std::move(keys->current);
}

absl::StatusOr<Stores> OpenAlone(const Config& config) {
  RETURN_IF_ERROR(CheckStoreIsNotMissing(config));
  return OpenRocksDbStores(StoreFolder(config), config.store);
}

}  // namespace

absl::StatusOr<cluster::ClusterStores> OpenStores(const Config& config) {
  RETURN_IF_ERROR(MakeFolder(config.data_dir));
  cluster::ClusterStores opened;
  if (config.cluster.brokers.empty()) {
    ASSIGN_OR_RETURN(opened.stores, OpenAlone(config));
    return opened;
  }
  cluster::ClusterOptions options = config.cluster;
  ASSIGN_OR_RETURN(options.key, ClusterKey(config.cluster_key_file));
  LogInfo("cluster: {} joins {}", options.node, options.name);
  options.version = PORTRAIT_VERSION;
  ASSIGN_OR_RETURN(opened, cluster::OpenClusterStores(StoreFolder(config),
                                                      config.store, options));
  RefreshAdminToken(config, *opened.stores.access);
  return opened;
}

absl::StatusOr<cluster::ClusterStores> OpenStoresToWrite(const Config& config) {
  ASSIGN_OR_RETURN(cluster::ClusterStores opened, OpenStores(config));
  if (opened.log == nullptr) return opened;
  // A node that was killed is replaced after its session.
  const absl::Duration timeout =
      config.cluster.session_timeout + kFirstTermTimeout;
  if (opened.log->role().AwaitTerm(timeout) != 0) return opened;
  std::string active = "another node";
  for (const cluster::ClusterNode& node : opened.log->nodes().List()) {
    if (node.is_active) active = node.name;
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "cluster ", config.cluster.name, ": ", active,
      " is active; the operation changes what all nodes share, so stop the "
      "other nodes and run it again"));
}

absl::StatusOr<std::unique_ptr<AccessControl>> OpenAccess(
    const Config& config, KeyValueStore& store) {
  Secret shared_key;
  if (!config.cluster.brokers.empty()) {
    ASSIGN_OR_RETURN(shared_key, ClusterKey(config.cluster_key_file));
  }
  return AccessControl::Open(store, AdminTokenFile(config), SystemClock(),
                             std::move(shared_key));
}

void RefreshAdminToken(const Config& config, KeyValueStore& store) {
  if (config.cluster.brokers.empty()) return;
  const absl::StatusOr<Secret> key = ClusterKey(config.cluster_key_file);
  const absl::Status written =
      key.ok() ? WriteSharedAdminToken(store, *key, AdminTokenFile(config))
               : key.status();
  if (!written.ok()) LogWarning("access: {}", written.ToString());
}

absl::StatusOr<Stores> OpenOwnStores(const Config& config) {
  RETURN_IF_ERROR(MakeFolder(config.data_dir));
  if (config.cluster.brokers.empty()) return OpenAlone(config);
  ASSIGN_OR_RETURN(const Secret key, ClusterKey(config.cluster_key_file));
  return cluster::OpenNodeStores(StoreFolder(config), config.store, key);
}

}  // namespace portrait
