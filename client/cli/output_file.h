// OutputFile writes to a file or to standard output, and reports failures: a
// full disk, or a pipe whose reader has ended.
#ifndef PORTRAIT_CLIENT_CLI_OUTPUT_FILE_H_
#define PORTRAIT_CLIENT_CLI_OUTPUT_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace portrait::cli {

// Thread-compatible. The file is not changed before the first write, so that a
// run that cannot start keeps an earlier result.
class OutputFile {
 public:
  // "" and "-" mean standard output.
  explicit OutputFile(std::string path);
  // Closes the file without a last flush.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // The first write follows the file's first `bytes` bytes and removes the
  // rest.
  void ContinueAfter(uint64_t bytes) { kept_bytes_ = bytes; }

  // Checks whether the file can be written, as far as possible without changing
  // it.
  //
  // Errors: those of Write.
  absl::Status Check() const;

  // Buffers complete records; a full disk never leaves half a record in the
  // file.
  //
  // Errors, naming the file: ABORTED if the pipe's reader has ended; the
  // system's. After the first error, no more is written.
  absl::Status Write(absl::string_view record);
  absl::Status Flush();
  // Flushes and closes; creates the file even if there was no record.
  absl::Status Close();

  // Whether --resume can continue the file: it is a file and has records.
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
  bool regular_ = false;  // set when opened: it is an ordinary file
  uint64_t kept_bytes_ = 0;
  uint64_t written_bytes_ = 0;  // for a file: the position of its end
  std::string buffer_;
  absl::Status status_;
};

// Replaces the file as a whole, durably: it always has the complete old or new
// content.
absl::Status ReplaceFile(const std::string& path, absl::string_view content);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_OUTPUT_FILE_H_
