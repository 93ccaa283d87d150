// Brings a store that an earlier version has written to the schema of this one.
//
//   1  the first
//   2  each contact says when it was last used: by its check_time, or else by
//      used_day, which those of version 1 do not have
#ifndef PORTRAIT_CORE_STORE_MIGRATION_H_
#define PORTRAIT_CORE_STORE_MIGRATION_H_

#include <cstdint>

#include "absl/status/status.h"
#include "core/store/rocksdb_database.h"

namespace portrait {

// From version `from` to kSchemaVersion, step by step. What is cut short begins
// anew at the next start.
absl::Status Migrate(RocksDbDatabase& database, uint64_t from);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_MIGRATION_H_
