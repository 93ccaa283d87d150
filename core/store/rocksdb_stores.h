// OpenRocksDbStores on a file system of the caller's choice; for tests that
// make one fail.
#ifndef PORTRAIT_CORE_STORE_ROCKSDB_STORES_H_
#define PORTRAIT_CORE_STORE_ROCKSDB_STORES_H_

#include <string>

#include "core/store/picture_store.h"
#include "rocksdb/env.h"

namespace portrait {

// `env` outlives the stores.
absl::StatusOr<Stores> OpenRocksDbStoresIn(rocksdb::Env* env,
                                           const std::string& folder,
                                           const RocksDbOptions& options);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_ROCKSDB_STORES_H_
