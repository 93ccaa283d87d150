#include "client/cli/input_buffer.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unicode/unistr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace portrait::cli {
namespace {

constexpr size_t kReadBytes = 64 * 1024;

// Whether `fd` is the regular file with the status `other`.
bool IsRegularFile(int fd, const struct stat& other) {
  struct stat ours;
  return fd >= 0 && fstat(fd, &ours) == 0 && S_ISREG(other.st_mode) &&
         ours.st_dev == other.st_dev && ours.st_ino == other.st_ino;
}

// UTF-16 is recognized by its byte order mark, or by ASCII's zero bytes in the
// first two characters.
template <typename Encoding>
Encoding EncodingOf(absl::string_view data) {
  if (absl::StartsWith(data, "\xFF\xFE")) return Encoding::kUtf16Le;
  if (absl::StartsWith(data, "\xFE\xFF")) return Encoding::kUtf16Be;
  if (data.size() < 4) return Encoding::kUtf8;
  const bool even = data[0] == '\0' && data[2] == '\0';
  const bool odd = data[1] == '\0' && data[3] == '\0';
  if (odd && !even && data[0] != '\0') return Encoding::kUtf16Le;
  if (even && !odd && data[1] != '\0') return Encoding::kUtf16Be;
  return Encoding::kUtf8;
}

}  // namespace

absl::StatusOr<std::unique_ptr<InputBuffer>> InputBuffer::Open(
    const std::string& path) {
  const bool standard_input = path == "-";
  int fd = STDIN_FILENO;
  if (!standard_input) {
    fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
    }
  }
  auto input = std::unique_ptr<InputBuffer>(
      new InputBuffer(fd, standard_input ? "standard input" : path));
  struct stat info;
  if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read ", path, ": it is a folder"));
  }
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
    input->size_bytes_ = static_cast<uint64_t>(info.st_size);
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return absl::ErrnoToStatus(errno, "cannot make a pipe");
  }
  input->cancel_read_ = ends[0];
  input->cancel_write_ = ends[1];
  return input;
}

std::unique_ptr<InputBuffer> InputBuffer::OfText(std::string text) {
  auto input = std::unique_ptr<InputBuffer>(new InputBuffer(-1, "text"));
  input->text_ = std::move(text);
  return input;
}

InputBuffer::InputBuffer(int fd, std::string name)
    : fd_(fd), name_(std::move(name)) {}

InputBuffer::~InputBuffer() {
  if (fd_ > STDIN_FILENO) close(fd_);
  if (cancel_read_ >= 0) close(cancel_read_);
  if (cancel_write_ >= 0) close(cancel_write_);
}

void InputBuffer::Consume(size_t bytes) {
  begin_ += bytes;
  if (begin_ == data_.size()) {
    data_.clear();
    begin_ = 0;
  }
}

absl::StatusOr<bool> InputBuffer::Fill() {
  if (fd_ < 0) {
    const size_t before = data_.size();
    data_ += std::exchange(text_, "");
    if (absl::Status status = CheckStart(); !status.ok()) return status;
    Convert(before);
    return !std::exchange(ended_, true) && !data_.empty();
  }
  if (ended_) return false;
  data_.erase(0, begin_);
  begin_ = 0;
  const size_t before = data_.size();
  // A byte order mark may arrive in several reads.
  do {
    if (absl::Status status = WaitReadable(); !status.ok()) return status;
    const size_t size = data_.size();
    data_.resize(size + kReadBytes);
    const ssize_t got = read(fd_, data_.data() + size, kReadBytes);
    const int error = errno;
    data_.resize(size + static_cast<size_t>(got > 0 ? got : 0));
    if (got < 0 && error != EINTR && error != EAGAIN) {
      return absl::ErrnoToStatus(error, absl::StrCat("cannot read ", name_));
    }
    ended_ = got == 0;
  } while (!ended_ &&
           (data_.size() == before || (!started_ && data_.size() < 4)));
  if (absl::Status status = CheckStart(); !status.ok()) return status;
  Convert(before);
  return !ended_ || data_.size() > before;
}

absl::Status InputBuffer::WaitReadable() {
  pollfd waits[2] = {{.fd = fd_, .events = POLLIN, .revents = 0},
                     {.fd = cancel_read_, .events = POLLIN, .revents = 0}};
  while (poll(waits, 2, /*timeout=*/-1) < 0 && errno == EINTR) {
  }
  if (waits[1].revents != 0) return absl::CancelledError("cancelled");
  return absl::OkStatus();
}

absl::Status InputBuffer::CheckStart() {
  if (started_) return absl::OkStatus();
  started_ = true;
  encoding_ = EncodingOf<Encoding>(data_);
  if (encoding_ != Encoding::kUtf8) {
    // The output for a spreadsheet then gets one, too.
    had_byte_order_mark_ = true;
    const bool marked = data_[0] != '\0' && data_[1] != '\0';
    if (marked) data_.erase(0, 2);
    return absl::OkStatus();
  }
  if (absl::StartsWith(data_, "PK\x03\x04")) {
    return absl::InvalidArgumentError(
        "a ZIP archive or Excel workbook; save it as CSV");
  }
  if (absl::StartsWith(data_, "\xEF\xBB\xBF")) {
    had_byte_order_mark_ = true;
    data_.erase(0, 3);
  }
  return absl::OkStatus();
}

void InputBuffer::Convert(size_t before) {
  if (encoding_ == Encoding::kUtf8) return;
  before = std::min(before, data_.size());
  const std::string raw =
      std::exchange(unconverted_, "") + data_.substr(before);
  data_.resize(before);
  icu::UnicodeString text;
  size_t used = 0;
  while (used + 1 < raw.size()) {
    const auto first = static_cast<unsigned char>(raw[used]);
    const auto second = static_cast<unsigned char>(raw[used + 1]);
    text.append(static_cast<char16_t>(encoding_ == Encoding::kUtf16Le
                                          ? second << 8 | first
                                          : first << 8 | second));
    used += 2;
  }
  // The first half of a surrogate pair waits for the second half.
  if (!ended_ && !text.isEmpty() && U16_IS_LEAD(text[text.length() - 1])) {
    text.truncate(text.length() - 1);
    used -= 2;
  }
  unconverted_ = raw.substr(used);
  text.toUTF8String(data_);
}

bool InputBuffer::IsSameFile(int fd) const {
  struct stat other;
  return fstat(fd, &other) == 0 && IsRegularFile(fd_, other);
}

bool InputBuffer::IsSameFile(const std::string& path) const {
  struct stat other;
  return stat(path.c_str(), &other) == 0 && IsRegularFile(fd_, other);
}

void InputBuffer::Cancel() {
  if (cancel_write_ < 0) return;
  const char byte = 0;
  // One byte is enough to wake the reader, and a full pipe already has one.
  [[maybe_unused]] const ssize_t written = write(cancel_write_, &byte, 1);
}

}  // namespace portrait::cli
