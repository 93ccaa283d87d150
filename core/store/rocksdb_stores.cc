#include "core/store/rocksdb_stores.h"

#include <memory>
#include <utility>

#include "core/base/status_macros.h"
#include "core/store/retaining_store.h"
#include "core/store/rocksdb_database.h"
#include "core/store/rocksdb_key_value_store.h"
#include "core/store/rocksdb_maintenance.h"
#include "core/store/rocksdb_picture_store.h"

namespace portrait {

absl::StatusOr<Stores> OpenRocksDbStoresIn(rocksdb::Env* env,
                                           const std::string& folder,
                                           const RocksDbOptions& options) {
  ASSIGN_OR_RETURN(const std::shared_ptr<RocksDbDatabase> database,
                   RocksDbDatabase::Open(folder, options, env));
  Stores stores;
  ASSIGN_OR_RETURN(std::unique_ptr<RocksDbPictureStore> pictures,
                   RocksDbPictureStore::Make(database, options));
  if (database->retention().is_limited()) {
    stores.pictures = std::make_unique<RetainingStore>(
        std::move(pictures), database->retention_state());
  } else {
    stores.pictures = std::move(pictures);
  }
  stores.sessions =
      std::make_unique<RocksDbKeyValueStore>(database, Family::kSessions);
  stores.access =
      std::make_unique<RocksDbKeyValueStore>(database, Family::kAccess);
  stores.images =
      std::make_unique<RocksDbKeyValueStore>(database, Family::kImages);
  stores.maintenance = std::make_unique<RocksDbMaintenance>(database);
  return stores;
}

absl::StatusOr<Stores> OpenRocksDbStores(const std::string& folder,
                                         RocksDbOptions options) {
  return OpenRocksDbStoresIn(rocksdb::Env::Default(), folder, options);
}

}  // namespace portrait
