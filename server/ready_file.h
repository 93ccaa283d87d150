// The note that says where the server listens.
#ifndef PORTRAIT_SERVER_READY_FILE_H_
#define PORTRAIT_SERVER_READY_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

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

#endif  // PORTRAIT_SERVER_READY_FILE_H_
