#include "core/store/rocksdb_status.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace portrait {

absl::Status FromRocksDb(const rocksdb::Status& status,
                         absl::string_view what) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = status.ToString();
  if (status.IsNoSpace()) {
    return absl::UnavailableError(
        absl::StrCat("disk full: ", what, ": ", text));
  }
  const std::string message = absl::StrCat(what, ": ", text);
  if (status.IsCorruption()) return absl::DataLossError(message);
  if (status.IsNotFound()) return absl::NotFoundError(message);
  return absl::UnavailableError(message);
}

absl::Status FromRocksDbOpen(const rocksdb::Status& status,
                             absl::string_view folder) {
  const std::string what = absl::StrCat("opening the store ", folder);
  if (!status.IsIOError() || status.IsNoSpace()) {
    return FromRocksDb(status, what);
  }
  // RocksDB has no codes for these errors; its POSIX layer writes the
  // operation, the file's name and strerror's text.
  const std::string text = status.ToString();
  const std::string message = absl::StrCat(what, ": ", text);
  if (absl::StrContains(text, "Permission denied")) {
    return absl::PermissionDeniedError(message);
  }
  if (absl::StrContains(text, "While lock file") ||
      absl::StrContains(text, "lock hold by current process")) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the store ", folder, " is in use by another process: ", text));
  }
  if (status.IsPathNotFound() ||
      absl::StrContains(text, "No such file or directory")) {
    return absl::DataLossError(message);
  }
  return absl::UnavailableError(message);
}

}  // namespace portrait
