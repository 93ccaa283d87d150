// Migrates a store that an earlier version has written to this version's
// schema.
//
//   1  the first version
//   2  each record says when its contact was last used: by its check_time, or
//      else by used_day, which records of version 1 do not have
//   3  linked accounts are sealed as a StoredAccount
#ifndef PORTRAIT_CORE_STORE_MIGRATION_H_
#define PORTRAIT_CORE_STORE_MIGRATION_H_

#include <cstdint>

#include "absl/status/status.h"
#include "core/store/rocksdb_database.h"

namespace portrait {

// Migrates from version `from` to kSchemaVersion, step by step. An interrupted
// migration starts again at the next opening.
absl::Status Migrate(RocksDbDatabase& database, uint64_t from);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_MIGRATION_H_
