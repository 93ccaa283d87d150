// Small files read and replaced as a whole, and errors of files.
#ifndef PORTRAIT_CORE_BASE_FILES_H_
#define PORTRAIT_CORE_BASE_FILES_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

inline constexpr size_t kMaxSmallFileBytes = 1 << 20;

// The whole of a small file. Errors: NOT_FOUND, PERMISSION_DENIED,
// INVALID_ARGUMENT (a folder, or over kMaxSmallFileBytes), all naming it.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Replaces the file as a whole, durably: a reader sees the old content or the
// new. `mode` as of chmod.
absl::Status WriteFile(const std::string& path, absl::string_view content,
                       int mode);

// Makes the folder and those above it; new ones are the owner's alone.
absl::Status MakeFolder(const std::string& path);

// The error of the system call that has just failed on a file: "cannot open
// PATH" and what errno says.
absl::Status ErrnoError(absl::string_view what, const std::string& path);

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_FILES_H_
