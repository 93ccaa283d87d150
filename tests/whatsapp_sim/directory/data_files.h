// Files of the data folder.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_DATA_FILES_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_DATA_FILES_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::sim {

// Nothing when there is no such file.
//
// Errors: DATA_LOSS when it is there and cannot be read.
absl::StatusOr<std::optional<std::string>> ReadFile(const std::string& path);

// Replaces the file as a whole: a reader, or we after a crash, sees the old
// content or the new. Readable by its owner alone when `secret`.
//
// Errors: UNAVAILABLE, saying what the system said.
absl::Status WriteFile(const std::string& path, absl::string_view content,
                       bool secret = false);

// Makes the folder and those above it.
absl::Status MakeFolder(const std::string& path);

// Keeps other processes, and other simulators of this one, out of a folder
// until it is destroyed.
class FolderLock {
 public:
  // Errors: FAILED_PRECONDITION when another holds it.
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
