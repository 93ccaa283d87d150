#include "core/access/admin_token_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

// A file descriptor that is closed on destruction.
class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

 private:
  const int fd_;
};

absl::Status Failed(absl::string_view path, absl::string_view what) {
  const std::error_code error(errno, std::generic_category());
  return absl::UnavailableError(absl::StrCat(
      "writing the admin token to ", path, ": ", what, ": ", error.message()));
}

bool WriteAll(int fd, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

absl::Status WriteAdminTokenFile(const std::string& path,
                                 absl::string_view secret) {
  // 1. Write a new file beside the old one, never readable by others. A crash
  // may have left such a file, with any mode, so it is removed first.
  const std::string temporary = absl::StrCat(path, ".new");
  unlink(temporary.c_str());
  const File file(
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.fd() < 0) return Failed(path, "creating it");
  absl::Cleanup remove = [&] { unlink(temporary.c_str()); };
  if (!WriteAll(file.fd(), absl::StrCat(secret, "\n")) ||
      fsync(file.fd()) != 0) {
    return Failed(path, "writing it");
  }

  // 2. Rename it over the old file and sync the folder.
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    return Failed(path, "renaming it");
  }
  std::move(remove).Cancel();
  const std::string parent = std::filesystem::path(path).parent_path();
  const File folder(open(parent.empty() ? "." : parent.c_str(),
                         O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.fd() < 0 || fsync(folder.fd()) != 0) {
    return Failed(path, "syncing its folder");
  }
  return absl::OkStatus();
}

}  // namespace portrait
