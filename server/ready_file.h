// A file with the server's address, for scripts.
#ifndef PORTRAIT_SERVER_READY_FILE_H_
#define PORTRAIT_SERVER_READY_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

// Writes DIR/portraitd.json: {"listen", "pid", "metrics"}. The destructor
// removes it.
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

  std::string path_;  // empty after a move
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_READY_FILE_H_
