// RotatedFile appends to a file that becomes FILE.1 when it is full, that
// FILE.2, and so on: a log of bounded size.
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
  // `files` older ones are kept.
  RotatedFile(std::string path, uint64_t max_bytes, size_t files)
      : path_(std::move(path)), max_bytes_(max_bytes), files_(files) {}
  ~RotatedFile() { Close(); }
  RotatedFile(const RotatedFile&) = delete;
  RotatedFile& operator=(const RotatedFile&) = delete;

  // Opens the file, mode 0600 if it is new. Errors name it.
  absl::Status Open();

  // Appends whole lines; a line is never divided between files. Where the disk
  // takes a part only, the next call must go on with what is left: `*written`
  // says how far it came.
  absl::Status Append(absl::string_view lines, size_t* written);
  absl::Status Sync();

  // Opens a new file where the old one is not at its path any more.
  absl::Status ReopenIfMoved();

 private:
  // How much of `lines` goes into the file as it is; 0: it is full.
  size_t Room(absl::string_view lines) const;
  absl::Status Rotate();
  void Close();

  const std::string path_;
  const uint64_t max_bytes_;
  const size_t files_;
  int fd_ = -1;
  uint64_t bytes_ = 0;        // in the file
  bool within_line_ = false;  // the disk took a part of the last one
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_ROTATED_FILE_H_
