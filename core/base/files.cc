#include "core/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace portrait {
namespace {

absl::Status WriteAll(int fd, absl::string_view content,
                      const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoError("cannot write", path);
    content.remove_prefix(written);
  }
  if (fsync(fd) != 0) return ErrnoError("cannot write", path);
  return absl::OkStatus();
}

// A renamed file is durable only after its folder has been synced.
absl::Status SyncFolderOf(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return ErrnoError("cannot open", folder);
  const absl::Cleanup close_folder = [fd] { close(fd); };
  if (fsync(fd) != 0) return ErrnoError("cannot write", folder);
  return absl::OkStatus();
}

}  // namespace

absl::Status ErrnoError(absl::string_view what, const std::string& path) {
  const int error = errno;
  return absl::ErrnoToStatus(error, absl::StrCat(what, " ", path));
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoError("cannot open", path);
  const absl::Cleanup close_file = [fd] { close(fd); };
  std::string content;
  char buffer[4096];
  for (;;) {
    const ssize_t got = read(fd, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("cannot read", path);
    if (got == 0) return content;
    content.append(buffer, got);
    if (content.size() > kMaxSmallFileBytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          "cannot read ", path, ": over ", kMaxSmallFileBytes, " bytes"));
    }
  }
}

absl::Status WriteFile(const std::string& path, absl::string_view content,
                       int mode) {
  const std::string temporary = absl::StrCat(path, ".", getpid(), ".new");
  // A process with the same id left it when it crashed.
  unlink(temporary.c_str());
  const int fd =
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return ErrnoError("cannot create", temporary);
  absl::Status status = WriteAll(fd, content, temporary);
  close(fd);
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = ErrnoError("cannot write", path);
  }
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  return SyncFolderOf(path);
}

absl::Status MakeFolder(const std::string& path) {
  const std::filesystem::path folder(path);
  std::error_code error;
  if (folder.has_parent_path()) {
    std::filesystem::create_directories(folder.parent_path(), error);
  }
  if (!error && mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return ErrnoError("cannot create folder", path);
  }
  if (!error && !std::filesystem::is_directory(folder, error) && !error) {
    error = std::make_error_code(std::errc::not_a_directory);
  }
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot create folder ", path, ": ", error.message()));
  }
  return absl::OkStatus();
}

}  // namespace portrait
