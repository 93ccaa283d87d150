// OutputFile writes to a file or to standard output, and notices when that does
// not work: a full disk, a reader that has gone.
#ifndef PORTRAIT_CLIENT_CLI_OUTPUT_FILE_H_
#define PORTRAIT_CLIENT_CLI_OUTPUT_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace portrait::cli {

// Thread-compatible. The file is not touched before something is written: a run
// that cannot begin leaves an earlier result alone.
class OutputFile {
 public:
  // "" and "-" are standard output.
  explicit OutputFile(std::string path);
  // Closes without a last flush.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // The first write goes after the file's first `bytes` bytes, and what stood
  // behind them is cut off.
  void ContinueAfter(uint64_t bytes) { kept_bytes_ = bytes; }

  // Whether it can be written, as far as that shows without touching it.
  //
  // Errors: as those of Write.
  absl::Status Check() const;

  // Buffers whole records; a record is never left half written when the disk is
  // full.
  //
  // Errors, naming the file: ABORTED if the pipe's reader has ended; the
  // system's. After the first one nothing more is written.
  absl::Status Write(absl::string_view record);
  absl::Status Flush();
  // Flushes and closes; makes the file even when nothing was written.
  absl::Status Close();

  // A file that holds what was written: --resume could go on with it.
  bool can_be_continued() const { return regular_ && written_bytes_ > 0; }
  bool is_standard_output() const { return path_.empty(); }
  // "standard output" or the path.
  std::string name() const;

 private:
  absl::Status Open();
  absl::Status Fail(int error);
  absl::Status ErrorOf(int error) const;

  const std::string path_;
  int fd_ = -1;
  bool regular_ = false;  // once open: an ordinary file
  uint64_t kept_bytes_ = 0;
  uint64_t written_bytes_ = 0;  // of a file: where it ends
  std::string buffer_;
  absl::Status status_;
};

// Replaces the file as a whole, durably: it has the old content or the new,
// never a part.
absl::Status ReplaceFile(const std::string& path, absl::string_view content);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_OUTPUT_FILE_H_
