#include "client/cli/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"

namespace portrait::cli {
namespace {

constexpr size_t kBufferBytes = 64 * 1024;
constexpr mode_t kFileMode = 0666;  // reduced by the umask

// Writes all of `data`; returns 0 or the error.
int WriteAll(int fd, absl::string_view data) {
  while (!data.empty()) {
    const ssize_t written = write(fd, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    data.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

}  // namespace

OutputFile::OutputFile(std::string path)
    : path_(path == "-" ? "" : std::move(path)) {}

OutputFile::~OutputFile() {
  if (fd_ > STDOUT_FILENO) close(fd_);
}

std::string OutputFile::name() const {
  return is_standard_output() ? "standard output" : path_;
}

absl::Status OutputFile::Check() const {
  if (is_standard_output()) return absl::OkStatus();
  struct stat info;
  const bool exists = stat(path_.c_str(), &info) == 0;
  if (!exists && errno != ENOENT) return ErrorOf(errno);
  if (exists && S_ISDIR(info.st_mode)) return ErrorOf(EISDIR);
  const std::string touched = exists ? path_ : FolderOf(path_);
  return access(touched.c_str(), W_OK) == 0 ? absl::OkStatus() : ErrorOf(errno);
}

absl::Status OutputFile::Open() {
  if (fd_ >= 0 || !status_.ok()) return status_;
  if (is_standard_output()) {
    fd_ = STDOUT_FILENO;
    return absl::OkStatus();
  }
  fd_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kFileMode);
  if (fd_ < 0) return Fail(errno);
  struct stat info;
  regular_ = fstat(fd_, &info) == 0 && S_ISREG(info.st_mode);
  // No truncation for /dev/null or a named pipe.
  if (!regular_) return absl::OkStatus();
  if (ftruncate(fd_, static_cast<off_t>(kept_bytes_)) != 0 ||
      lseek(fd_, 0, SEEK_END) < 0) {
    return Fail(errno);
  }
  written_bytes_ = kept_bytes_;
  return absl::OkStatus();
}

absl::Status OutputFile::Write(absl::string_view record) {
  if (!status_.ok()) return status_;
  absl::StrAppend(&buffer_, record);
  return buffer_.size() < kBufferBytes ? absl::OkStatus() : Flush();
}

absl::Status OutputFile::Flush() {
  if (!status_.ok() || buffer_.empty()) return status_;
  if (absl::Status status = Open(); !status.ok()) return status;
  const int error = WriteAll(fd_, buffer_);
  if (error != 0) {
    // The part of the buffer that was written may end within a record.
    if (regular_) {
      [[maybe_unused]] const int ignored =
          ftruncate(fd_, static_cast<off_t>(written_bytes_));
    }
    return Fail(error);
  }
  written_bytes_ += buffer_.size();
  buffer_.clear();
  return absl::OkStatus();
}

absl::Status OutputFile::Close() {
  if (absl::Status status = Open(); !status.ok()) return status;
  if (absl::Status status = Flush(); !status.ok()) return status;
  const int fd = std::exchange(fd_, -1);
  if (fd == STDOUT_FILENO) return absl::OkStatus();
  // Some file systems report a full disk only when the file is closed.
  if (close(fd) != 0) return Fail(errno);
  return absl::OkStatus();
}

absl::Status OutputFile::Fail(int error) { return status_ = ErrorOf(error); }

absl::Status OutputFile::ErrorOf(int error) const {
  const std::string what = absl::StrCat("cannot write ", name());
  return error == EPIPE ? absl::AbortedError(what)
                        : absl::ErrnoToStatus(error, what);
}

absl::Status ReplaceFile(const std::string& path, absl::string_view content) {
  const std::string next = absl::StrCat(path, ".new");
  const auto failed = [&path](int error) {
    return absl::ErrnoToStatus(error, absl::StrCat("cannot write ", path));
  };
  const int fd =
      open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode);
  if (fd < 0) return failed(errno);
  int error = WriteAll(fd, content);
  if (error == 0 && fsync(fd) != 0) error = errno;
  if (close(fd) != 0 && error == 0) error = errno;
  if (error == 0 && rename(next.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    unlink(next.c_str());
    return failed(error);
  }
  // The rename itself must also reach the disk.
  const int folder_fd = open(FolderOf(path).c_str(), O_RDONLY | O_CLOEXEC);
  if (folder_fd >= 0) {
    fsync(folder_fd);
    close(folder_fd);
  }
  return absl::OkStatus();
}

}  // namespace portrait::cli
