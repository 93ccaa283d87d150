#include "core/access/rotated_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "core/base/files.h"
#include "core/base/status_macros.h"

namespace portrait {
namespace {

// If a file system does not store creation times, this is the time of the last
// write: the file then ages from each start of the program.
absl::Time MadeAt(int fd, const struct stat& info) {
  struct statx made = {};
  if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &made) == 0 &&
      (made.stx_mask & STATX_BTIME) != 0) {
    return absl::FromUnixSeconds(made.stx_btime.tv_sec);
  }
  return absl::TimeFromTimespec(info.st_mtim);
}

}  // namespace

absl::Status RotatedFile::Open() {
  Close();
  fd_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
             S_IRUSR | S_IWUSR);
  if (fd_ < 0) return ErrnoError("cannot open", path_);
  struct stat info = {};
  if (fstat(fd_, &info) != 0) return ErrnoError("cannot open", path_);
  bytes_ = static_cast<uint64_t>(info.st_size);
  made_at_ = MadeAt(fd_, info);
  return absl::OkStatus();
}

void RotatedFile::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

absl::Status RotatedFile::Append(absl::string_view lines, size_t* written) {
  *written = 0;
  if (fd_ < 0) RETURN_IF_ERROR(Open());
  while (*written < lines.size()) {
    const absl::string_view left = lines.substr(*written);
    const size_t room = Room(left);
    if (room == 0) {
      RETURN_IF_ERROR(Rotate());
      continue;
    }
    const ssize_t got = write(fd_, left.data(), room);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("cannot write", path_);
    *written += static_cast<size_t>(got);
    bytes_ += static_cast<uint64_t>(got);
    within_line_ = lines[*written - 1] != '\n';
  }
  return absl::OkStatus();
}

// An empty file takes a line of any length.
size_t RotatedFile::Room(absl::string_view lines) const {
  const size_t first = std::min(lines.find('\n'), lines.size() - 1) + 1;
  if (within_line_ || bytes_ == 0) return first;
  const uint64_t room = limits_.max_bytes - std::min(bytes_, limits_.max_bytes);
  if (first > room) return 0;
  if (lines.size() <= room) return lines.size();
  return lines.rfind('\n', room - 1) + 1;
}

absl::Status RotatedFile::Sync() {
  if (fd_ >= 0 && fdatasync(fd_) != 0) return ErrnoError("cannot write", path_);
  return absl::OkStatus();
}

absl::Status RotatedFile::Rotate() {
  RETURN_IF_ERROR(Sync());
  const auto older = [&](size_t n) {
    return n == 0 ? path_ : absl::StrCat(path_, ".", n);
  };
  for (size_t n = limits_.files; n > 0; --n) {
    if (rename(older(n - 1).c_str(), older(n).c_str()) != 0 &&
        errno != ENOENT) {
      return ErrnoError("cannot rename", older(n - 1));
    }
  }
  if (limits_.files == 0) unlink(path_.c_str());
  return Open();
}

absl::Status RotatedFile::Look(absl::Time now) {
  struct stat ours = {}, there = {};
  if (fd_ >= 0 && fstat(fd_, &ours) == 0 && stat(path_.c_str(), &there) == 0 &&
      ours.st_ino == there.st_ino && ours.st_dev == there.st_dev) {
    // If a clock ran ahead, the file must not be kept longer for it.
    if (bytes_ == 0 || made_at_ > now) made_at_ = now;
    const bool is_old = now - made_at_ >= limits_.max_age && !within_line_;
    return is_old ? Rotate() : absl::OkStatus();
  }
  RETURN_IF_ERROR(Sync());
  return Open();
}

}  // namespace portrait
