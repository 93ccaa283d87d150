// OpenRocksDbStores on a given file system, for tests that make it fail.
#ifndef PORTRAIT_CORE_STORE_ROCKSDB_STORES_H_
#define PORTRAIT_CORE_STORE_ROCKSDB_STORES_H_

#include <string>

#include "core/store/picture_store.h"
#include "rocksdb/env.h"

namespace portrait {

// `env` must outlive the stores.
absl::StatusOr<Stores> OpenRocksDbStoresIn(rocksdb::Env* env,
                                           const std::string& folder,
                                           const RocksDbOptions& options);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_ROCKSDB_STORES_H_
