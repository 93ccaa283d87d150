// Converts RocksDB's errors to absl::Status.
#ifndef PORTRAIT_CORE_STORE_ROCKSDB_STATUS_H_
#define PORTRAIT_CORE_STORE_ROCKSDB_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "rocksdb/status.h"

namespace portrait {

// `what` names the operation, for the message. OK stays OK; DATA_LOSS for
// corruption (RocksDB names the file), NOT_FOUND, UNAVAILABLE for a full disk
// and all other errors.
absl::Status FromRocksDb(const rocksdb::Status& status, absl::string_view what);

// Converts an error of opening the database in `folder`: also
// FAILED_PRECONDITION if another process has it open, PERMISSION_DENIED, and
// DATA_LOSS for a missing file.
absl::Status FromRocksDbOpen(const rocksdb::Status& status,
                             absl::string_view folder);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_ROCKSDB_STATUS_H_
