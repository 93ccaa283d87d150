// RocksDB's errors in our words.
#ifndef PORTRAIT_CORE_STORE_ROCKSDB_STATUS_H_
#define PORTRAIT_CORE_STORE_ROCKSDB_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "rocksdb/status.h"

namespace portrait {

// `what` says what was attempted. OK for OK; DATA_LOSS for corruption (RocksDB
// names the file), NOT_FOUND, UNAVAILABLE for a full disk and the rest.
absl::Status FromRocksDb(const rocksdb::Status& status, absl::string_view what);

// Of opening the database in `folder`: also FAILED_PRECONDITION when another
// process has it, PERMISSION_DENIED, and DATA_LOSS for a missing file.
absl::Status FromRocksDbOpen(const rocksdb::Status& status,
                             absl::string_view folder);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_ROCKSDB_STATUS_H_
