// Blobs in a folder. A blob is written beside its place and renamed, so that a
// name either has all of its bytes or does not exist.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/files.h"
#include "core/base/status_macros.h"
#include "core/image/blob_store.h"

namespace portrait {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFolderNameDigits = 2;
constexpr size_t kReadBytes = 64 << 10;

// A full disk is told apart, because waiting does not help.
absl::Status FolderError(absl::string_view what, absl::string_view name) {
  const int error = errno;
  const std::string text = absl::StrCat(
      "image ", name.substr(0, 8), "…: ", what, ": ", std::strerror(error));
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return absl::ResourceExhaustedError(text);
  }
  if (error == EACCES || error == EPERM || error == EROFS) {
    return absl::PermissionDeniedError(text);
  }
  return absl::UnavailableError(text);
}

// Makes the entries of a folder durable.
absl::Status SyncFolder(const std::string& folder, absl::string_view name) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FolderError("cannot open its folder", name);
  const absl::Cleanup close_folder = [fd] { close(fd); };
  if (fsync(fd) != 0) return FolderError("cannot sync its folder", name);
  return absl::OkStatus();
}

absl::Status WriteBytes(int fd, absl::string_view bytes,
                        absl::string_view name) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FolderError("cannot write", name);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(fd) != 0) return FolderError("cannot sync", name);
  return absl::OkStatus();
}

// The names of the entries of `folder` that are at least `from`, ordered.
std::vector<std::string> NamesIn(const std::string& folder,
                                 absl::string_view from) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (name >= from) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

class FolderBlobs final : public BlobStore {
 public:
  explicit FolderBlobs(FolderBlobOptions options)
      : options_(std::move(options)) {}

  // Removes the files that a killed process left half-written.
  void RemoveHalfWritten() {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(TemporaryFolder(), error)) {
      std::error_code ignored;
      fs::remove(entry.path(), ignored);
    }
  }

  absl::Status Put(const std::string& name, absl::string_view bytes) override {
    RETURN_IF_ERROR(CheckRoom(name, bytes.size()));
    RETURN_IF_ERROR(MakeFoldersOf(name));
    const std::string temporary = absl::StrCat(TemporaryFolder(), "/", name);
    const int fd =
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
             S_IRUSR | S_IWUSR);
    if (fd < 0) return FolderError("cannot create", name);
    absl::Status status = WriteBytes(fd, bytes, name);
    close(fd);
    if (status.ok() && rename(temporary.c_str(), PathOf(name).c_str()) != 0) {
      status = FolderError("cannot rename", name);
    }
    if (!status.ok()) {
      unlink(temporary.c_str());
      return status;
    }
    return SyncFolder(FolderOf(name), name);
  }

  absl::StatusOr<std::string> Get(const std::string& name) override {
    const int fd = open(PathOf(name).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
      return absl::NotFoundError("there is no such image");
    }
    if (fd < 0) return FolderError("cannot open", name);
    const absl::Cleanup close_file = [fd] { close(fd); };
    std::string bytes;
    std::string buffer(kReadBytes, '\0');
    while (true) {
      const ssize_t got = read(fd, buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return FolderError("cannot read", name);
      if (got == 0) return bytes;
      bytes.append(buffer, 0, static_cast<size_t>(got));
      if (bytes.size() > kMaxBlobBytes) {
        return absl::DataLossError("a stored image is too large");
      }
    }
  }

  absl::Status Delete(const std::string& name) override {
    if (unlink(PathOf(name).c_str()) != 0) {
      if (errno == ENOENT) return absl::OkStatus();
      return FolderError("cannot delete", name);
    }
    return SyncFolder(FolderOf(name), name);
  }

  absl::StatusOr<std::vector<std::string>> List(absl::string_view after,
                                                size_t limit) override {
    std::vector<std::string> found;
    const std::string top(after.substr(0, kFolderNameDigits));
    for (const std::string& first : NamesIn(options_.folder, top)) {
      if (first.size() != kFolderNameDigits) continue;
      const std::string folder = absl::StrCat(options_.folder, "/", first);
      for (const std::string& second : NamesIn(folder, "")) {
        AddBlobsOf(absl::StrCat(folder, "/", second), after, &found);
        if (found.size() >= limit) return found;
      }
    }
    return found;
  }

 private:
  std::string TemporaryFolder() const {
    return absl::StrCat(options_.folder, "/incoming");
  }
  std::string TopFolderOf(absl::string_view name) const {
    return absl::StrCat(options_.folder, "/",
                        name.substr(0, kFolderNameDigits));
  }
  std::string FolderOf(absl::string_view name) const {
    return absl::StrCat(TopFolderOf(name), "/",
                        name.substr(kFolderNameDigits, kFolderNameDigits));
  }
  std::string PathOf(absl::string_view name) const {
    return absl::StrCat(FolderOf(name), "/", name);
  }

  absl::Status CheckRoom(absl::string_view name, size_t bytes) const {
    struct statvfs disk = {};
    if (statvfs(options_.folder.c_str(), &disk) != 0) {
      return FolderError("cannot read the free space", name);
    }
    const uint64_t free = uint64_t{disk.f_bavail} * disk.f_frsize;
    if (free >= bytes + options_.reserved_bytes) return absl::OkStatus();
    return absl::ResourceExhaustedError(absl::StrCat(
        "the disk of ", options_.folder, " has ", free >> 20, " MiB left; ",
        options_.reserved_bytes >> 20, " MiB stay free"));
  }

  // The first blob of a folder makes it; a power cut must not take it again.
  absl::Status MakeFoldersOf(absl::string_view name) const {
    const std::string top = TopFolderOf(name), folder = FolderOf(name);
    if (mkdir(folder.c_str(), S_IRWXU) == 0) return SyncFolder(top, name);
    if (errno == EEXIST) return absl::OkStatus();
    if (errno != ENOENT) return FolderError("cannot make its folder", name);
    if (mkdir(top.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
      return FolderError("cannot make its folder", name);
    }
    RETURN_IF_ERROR(SyncFolder(options_.folder, name));
    if (mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
      return FolderError("cannot make its folder", name);
    }
    return SyncFolder(top, name);
  }

  static void AddBlobsOf(const std::string& folder, absl::string_view after,
                         std::vector<std::string>* found) {
    for (std::string& name : NamesIn(folder, after)) {
      if (name != after && IsBlobName(name)) found->push_back(std::move(name));
    }
  }

  const FolderBlobOptions options_;
};

}  // namespace

bool IsBlobName(absl::string_view name) {
  return name.size() == kBlobNameDigits &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
         });
}

absl::StatusOr<std::unique_ptr<BlobStore>> OpenFolderBlobs(
    const FolderBlobOptions& options) {
  RETURN_IF_ERROR(MakeFolder(options.folder));
  RETURN_IF_ERROR(MakeFolder(absl::StrCat(options.folder, "/incoming")));
  auto blobs = std::make_unique<FolderBlobs>(options);
  blobs->RemoveHalfWritten();
  return blobs;
}

}  // namespace portrait
