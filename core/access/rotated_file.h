// RotatedFile appends to a log of bounded size: when the file is full, it
// becomes FILE.1, FILE.1 becomes FILE.2, and so on.
#ifndef PORTRAIT_CORE_ACCESS_ROTATED_FILE_H_
#define PORTRAIT_CORE_ACCESS_ROTATED_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace portrait {

// Thread-compatible.
class RotatedFile {
 public:
  // `files` older files are kept.
  RotatedFile(std::string path, uint64_t max_bytes, size_t files)
      : path_(std::move(path)), max_bytes_(max_bytes), files_(files) {}
  ~RotatedFile() { Close(); }
  RotatedFile(const RotatedFile&) = delete;
  RotatedFile& operator=(const RotatedFile&) = delete;

  // Opens the file, mode 0600 if it is new. Errors name it.
  absl::Status Open();

  // Appends complete lines; a line is never divided between files. If the disk
  // takes only a part, the next call must continue with the rest: `*written` is
  // the number of written bytes.
  absl::Status Append(absl::string_view lines, size_t* written);
  absl::Status Sync();

  // Opens a new file if the old one is no longer at its path.
  absl::Status ReopenIfMoved();

 private:
  // How many bytes of `lines` fit into the current file; 0: it is full.
  size_t Room(absl::string_view lines) const;
  absl::Status Rotate();
  void Close();

  const std::string path_;
  const uint64_t max_bytes_;
  const size_t files_;
  int fd_ = -1;
  uint64_t bytes_ = 0;        // size of the file
  bool within_line_ = false;  // the last line is incomplete: the disk was full
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_ROTATED_FILE_H_
