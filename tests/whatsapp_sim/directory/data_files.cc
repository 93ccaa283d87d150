#include "tests/whatsapp_sim/directory/data_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace portrait::sim {

absl::StatusOr<std::optional<std::string>> ReadFile(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(file)),
                      std::istreambuf_iterator<char>());
  if (!file.good() && !file.eof()) {
    return absl::DataLossError(absl::StrCat("cannot read ", path));
  }
  return content;
}

absl::Status WriteFile(const std::string& path, absl::string_view content,
                       bool secret) {
  const std::string written = absl::StrCat(path, ".new");
  {
    std::ofstream file(written, std::ios::binary | std::ios::trunc);
    if (secret) {
      std::error_code ignored;
      std::filesystem::permissions(written,
                                   std::filesystem::perms::owner_read |
                                       std::filesystem::perms::owner_write,
                                   ignored);
    }
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    file.flush();
    if (!file.good()) {
      return absl::UnavailableError(
          absl::StrCat("cannot write ", written, ": ", std::strerror(errno)));
    }
  }
  std::error_code error;
  std::filesystem::rename(written, path, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot write ", path, ": ", error.message()));
  }
  return absl::OkStatus();
}

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot make folder ", path, ": ", error.message()));
  }
  return absl::OkStatus();
}

absl::StatusOr<FolderLock> FolderLock::Take(const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/lock");
  FolderLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.descriptor_ >= 0 &&
      ::flock(lock.descriptor_, LOCK_EX | LOCK_NB) == 0) {
    return lock;
  }
  return absl::FailedPreconditionError(
      absl::StrCat(folder, " is in use by another simulator"));
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace portrait::sim
