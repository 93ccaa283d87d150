// Reads and replaces small files as a whole, and converts errors of file
// operations to statuses.
#ifndef PORTRAIT_CORE_BASE_FILES_H_
#define PORTRAIT_CORE_BASE_FILES_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

inline constexpr size_t kMaxSmallFileBytes = 1 << 20;

// Returns the whole content of a small file. Errors, all naming the file:
// NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT (a folder, or a file over
// kMaxSmallFileBytes).
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Replaces the file as a whole, durably: a reader sees either the old or the
// new content. `mode` has chmod's meaning.
absl::Status WriteFile(const std::string& path, absl::string_view content,
                       int mode);

// Makes the folder and its missing parents, accessible by their owner only.
absl::Status MakeFolder(const std::string& path);

// The error of the system call that has just failed on a file, in the form
// "cannot open PATH: <the text of errno>".
absl::Status ErrnoError(absl::string_view what, const std::string& path);

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_FILES_H_
