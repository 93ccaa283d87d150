// InputBuffer reads a file, a pipe or a string piece by piece: readers inspect
// the buffered text, consume it, and request more.
#ifndef PORTRAIT_CLIENT_CLI_INPUT_BUFFER_H_
#define PORTRAIT_CLIENT_CLI_INPUT_BUFFER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::cli {

// The longest line or record; a longer one cannot be from a list of contacts.
inline constexpr size_t kMaxRecordBytes = 1024 * 1024;

// Cancel is thread-safe, the other methods are thread-compatible.
class InputBuffer {
 public:
  // "-" is standard input.
  //
  // Errors: NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT (a folder).
  static absl::StatusOr<std::unique_ptr<InputBuffer>> Open(
      const std::string& path);
  // Reads only `text`.
  static std::unique_ptr<InputBuffer> OfText(std::string text);

  ~InputBuffer();
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;

  // The text that was read and not consumed, converted to UTF-8. A byte order
  // mark at the start is dropped. Valid until the next Consume or Fill.
  absl::string_view buffered() const {
    return absl::string_view(data_).substr(begin_);
  }
  void Consume(size_t bytes);

  // Waits for more text and appends it to buffered(). Returns false at the end.
  //
  // Errors: CANCELLED, INVALID_ARGUMENT (a workbook), DATA_LOSS (the disk).
  absl::StatusOr<bool> Fill();

  // Makes a pending Fill, and all later ones, return CANCELLED.
  void Cancel();

  // The file's path, or "standard input": for messages.
  const std::string& name() const { return name_; }
  bool had_byte_order_mark() const { return had_byte_order_mark_; }
  // Whether `fd` is the file that is being read.
  bool IsSameFile(int fd) const;
  bool IsSameFile(const std::string& path) const;
  // The size of a regular file.
  std::optional<uint64_t> size_bytes() const { return size_bytes_; }

 private:
  InputBuffer(int fd, std::string name);
  absl::Status WaitReadable();
  absl::Status CheckStart();
  // Converts the text after the first `before` bytes to UTF-8.
  void Convert(size_t before);

  const int fd_;  // -1: a string
  const std::string name_;
  std::optional<uint64_t> size_bytes_;
  int cancel_read_ = -1;  // a pipe: readable once cancelled
  int cancel_write_ = -1;
  std::string text_;  // the whole string, until the first Fill
  std::string data_;
  size_t begin_ = 0;
  bool started_ = false;
  bool had_byte_order_mark_ = false;
  enum class Encoding { kUtf8, kUtf16Le, kUtf16Be };
  Encoding encoding_ = Encoding::kUtf8;
  std::string unconverted_;  // UTF-16: the start of a character
  bool ended_ = false;
};

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_INPUT_BUFFER_H_
