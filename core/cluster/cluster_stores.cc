#include "core/cluster/cluster_stores.h"

#include <memory>
#include <utility>

#include "core/base/status_macros.h"
#include "core/cluster/cluster_key_value_store.h"
#include "core/cluster/cluster_picture_store.h"
#include "core/cluster/log_start.h"
#include "core/store/replica.h"
#include "core/store/store_maintenance.h"

namespace portrait::cluster {

namespace {

// The maintenance of the node's copy, which takes no writes unless the node
// owns the contacts.
class ClusterMaintenance final : public StoreMaintenance {
 public:
  ClusterMaintenance(std::unique_ptr<StoreMaintenance> copy, ClusterLog& log)
      : copy_(std::move(copy)), log_(log) {}

  absl::StatusOr<Backup> CreateBackup(const std::string& folder,
                                      size_t keep) override {
    return copy_->CreateBackup(folder, keep);
  }
  absl::StatusOr<VerifyReport> VerifyBackups(
      const std::string& folder) override {
    return copy_->VerifyBackups(folder);
  }
  absl::StatusOr<VerifyReport> Verify() override { return copy_->Verify(); }
  absl::Status Compact() override { return copy_->Compact(); }
  absl::StatusOr<StoreStats> GetStats() override { return copy_->GetStats(); }
  absl::Status CheckWrites() override {
    RETURN_IF_ERROR(copy_->CheckWrites());
    const absl::Status health = log_.Health();
    if (!health.ok()) return absl::AbortedError(health.message());
    const LogStats stats = log_.stats();
    if (stats.owned == stats.partitions) return absl::OkStatus();
    return absl::UnavailableError(
        "cluster: this node stands by; another one owns contacts");
  }
  void Cancel() override { copy_->Cancel(); }
  void Allow() override { copy_->Allow(); }

 private:
  const std::unique_ptr<StoreMaintenance> copy_;
  ClusterLog& log_;  // of the store in the same Stores
};

}  // namespace

absl::StatusOr<Stores> OpenNodeStores(const std::string& folder,
                                      const RocksDbOptions& store_options,
                                      const Secret& cluster_key) {
  ASSIGN_OR_RETURN(
      ReplicaStores replica,
      OpenRocksDbReplica(folder, store_options, SuppressionKeyOf(cluster_key)));
  Stores stores;
  stores.sessions = std::move(replica.sessions);
  stores.access = std::move(replica.access);
  stores.images = std::move(replica.images);
  stores.maintenance = std::move(replica.maintenance);
  return stores;
}

absl::StatusOr<ClusterStores> OpenClusterStores(
    const std::string& folder, const RocksDbOptions& store_options,
    const ClusterOptions& options) {
  ASSIGN_OR_RETURN(
      ReplicaStores replica,
      OpenRocksDbReplica(folder, store_options, SuppressionKeyOf(options.key)));
  ClusterStores opened;
  ASSIGN_OR_RETURN(auto pictures,
                   ClusterPictureStore::Open(options, store_options.clock,
                                             std::move(replica.replica)));
  opened.log = &pictures->log();
  opened.stores.sessions = std::make_unique<ClusterKeyValueStore>(
      *pictures, LogEntry::Kind::kSession, std::move(replica.sessions));
  opened.stores.access = std::make_unique<ClusterKeyValueStore>(
      *pictures, LogEntry::Kind::kAccess, std::move(replica.access));
  opened.stores.images = std::move(replica.images);
  opened.stores.maintenance = std::make_unique<ClusterMaintenance>(
      std::move(replica.maintenance), pictures->log());
  opened.stores.pictures = std::move(pictures);
  return opened;
}

}  // namespace portrait::cluster
