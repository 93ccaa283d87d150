// The small files around the database: the key that seals accounts, and the
// note that says where the server listens.
#ifndef PORTRAIT_SERVER_FILES_H_
#define PORTRAIT_SERVER_FILES_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

inline constexpr size_t kMaxSmallFileBytes = 1 << 20;
inline constexpr size_t kSealKeyBytes = 32;

// The whole of a small file. Errors: NOT_FOUND, PERMISSION_DENIED,
// INVALID_ARGUMENT (a folder, or over kMaxSmallFileBytes), all naming it.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Replaces the file as a whole, durably: a reader sees the old content or the
// new. `mode` as of chmod.
absl::Status WriteFile(const std::string& path, absl::string_view content,
                       int mode);

// Makes the folder and those above it; new ones are the owner's alone.
absl::Status MakeFolder(const std::string& path);

// The key in `path`, as 64 hexadecimal digits; a new one is made when there is
// no such file. Whoever has it and the database has the accounts.
//
// Errors: INVALID_ARGUMENT when the file holds something else.
absl::StatusOr<std::string> ReadOrMakeSealKey(const std::string& path);

// DIR/portraitd.json: {"listen", "pid", "metrics"}, for scripts. It stands from
// here until the object goes.
class ReadyFile {
 public:
  // `metrics` may be empty.
  static absl::StatusOr<ReadyFile> Write(const std::string& path,
                                         absl::string_view listen,
                                         absl::string_view metrics);
  ReadyFile(ReadyFile&& other) noexcept;
  ReadyFile& operator=(ReadyFile&&) = delete;
  ~ReadyFile();

 private:
  explicit ReadyFile(std::string path) : path_(std::move(path)) {}

  std::string path_;  // empty: moved from
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_FILES_H_
