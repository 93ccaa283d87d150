// RotatedFile appends to a log of limited size, whose files have a limited age:
// if the file is full or old, it becomes FILE.1, FILE.1 becomes FILE.2, and so
// on.
#ifndef PORTRAIT_CORE_ACCESS_ROTATED_FILE_H_
#define PORTRAIT_CORE_ACCESS_ROTATED_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace portrait {

// Thread-compatible.
class RotatedFile {
 public:
  struct Limits {
    uint64_t max_bytes;
    absl::Duration max_age;  // since the file was made
    size_t files;            // older files that are kept
  };
  RotatedFile(std::string path, const Limits& limits)
      : path_(std::move(path)), limits_(limits) {}
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

  // Opens a new file if the old one is no longer at its path, and rotates it if
  // it is too old at `now`. An empty file does not age.
  absl::Status Look(absl::Time now);

 private:
  // How many bytes of `lines` fit into the current file; 0: it is full.
  size_t Room(absl::string_view lines) const;
  absl::Status Rotate();
  void Close();

  const std::string path_;
  const Limits limits_;
  int fd_ = -1;
  absl::Time made_at_;        // or the first write, if that was later
  uint64_t bytes_ = 0;        // size of the file
  bool within_line_ = false;  // the last line is incomplete: the disk was full
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_ROTATED_FILE_H_
