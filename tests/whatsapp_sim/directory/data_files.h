// Reads and writes files of the data folder.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_DATA_FILES_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_DATA_FILES_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::sim {

// Returns nothing if the file is missing.
//
// Errors: DATA_LOSS if it exists but cannot be read.
absl::StatusOr<std::optional<std::string>> ReadFile(const std::string& path);

// Replaces the file as a whole: readers, also after a crash, see either the old
// or the new content. Only the owner can read it if it is `secret`.
//
// Errors: UNAVAILABLE with the system's error.
absl::Status WriteFile(const std::string& path, absl::string_view content,
                       bool secret = false);

// Makes the folder and its missing parents.
absl::Status MakeFolder(const std::string& path);

// Locks a folder against other processes, and against other simulators in this
// process, until it is destroyed.
class FolderLock {
 public:
  // Errors: FAILED_PRECONDITION if the folder is already locked.
  static absl::StatusOr<FolderLock> Take(const std::string& folder);

  FolderLock(FolderLock&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FolderLock(const FolderLock&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_DATA_FILES_H_
