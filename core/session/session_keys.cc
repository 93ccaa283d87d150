#include "core/session/session_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/crypto.h"
#include "portrait/store/v1/store.pb.h"

namespace portrait {
namespace {

// Closes a file descriptor.
class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

absl::Status FileError(absl::string_view attempt, const std::string& path,
                       int error) {
  const std::string message =
      absl::StrCat(attempt, " key file ", path, ": ", std::strerror(error));
  if (error == EACCES || error == EPERM || error == EROFS) {
    return absl::PermissionDeniedError(message);
  }
  if (error == ENOENT) return absl::NotFoundError(message);
  if (error == EEXIST) return absl::AlreadyExistsError(message);
  return absl::UnavailableError(message);
}

absl::StatusOr<std::string> ReadKeyFile(const std::string& path) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd() < 0) return FileError("open", path, errno);
  struct stat status = {};
  if (fstat(file.fd(), &status) != 0) return FileError("stat", path, errno);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::PermissionDeniedError(absl::StrFormat(
        "key file %s has mode %04o: it must be readable by its owner only; "
        "run chmod 600 on it",
        path, status.st_mode & 07777));
  }
  // One byte more than it should have shows a file that is too long.
  std::string key(kSealKeyBytes + 1, '\0');
  size_t size = 0;
  while (size < key.size()) {
    const ssize_t got = read(file.fd(), &key[size], key.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError("read", path, errno);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size != kSealKeyBytes) {
    return absl::DataLossError(absl::StrCat(
        "key file ", path, " must be ", kSealKeyBytes, " bytes long, it is ",
        static_cast<int64_t>(status.st_size),
        "; put the right one back, or remove it and pair all accounts again"));
  }
  key.resize(kSealKeyBytes);
  return key;
}

absl::Status WriteAndSync(int fd, absl::string_view data,
                          const std::string& path) {
  while (!data.empty()) {
    const ssize_t put = write(fd, data.data(), data.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return FileError("write", path, errno);
    data.remove_prefix(static_cast<size_t>(put));
  }
  if (fsync(fd) != 0) return FileError("sync", path, errno);
  return absl::OkStatus();
}

// A directory entry is durable only once the directory is synced.
absl::Status SyncFolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "."
                             : slash == 0               ? "/"
                                                        : path.substr(0, slash);
  const File file(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.fd() < 0 || fsync(file.fd()) != 0) {
    return FileError("sync folder of", path, errno);
  }
  return absl::OkStatus();
}

// Written under another name and linked, so that nobody ever sees half a key,
// and of two who make it at once only one does.
absl::Status MakeKeyFile(const std::string& path) {
  std::string temporary = absl::StrCat(path, ".XXXXXX");
  const File file(mkostemp(temporary.data(), O_CLOEXEC));  // mode 0600
  if (file.fd() < 0) return FileError("make", path, errno);
  absl::Status status =
      WriteAndSync(file.fd(), RandomBytes(kSealKeyBytes), path);
  if (status.ok() && link(temporary.c_str(), path.c_str()) != 0) {
    status = FileError("make", path, errno);
  }
  unlink(temporary.c_str());
  RETURN_IF_ERROR(status);
  return SyncFolderOf(path);
}

}  // namespace

std::string SealDevice(absl::string_view seal_key,
                       absl::string_view session_name,
                       const whatsapp::Device& device) {
  store::v1::SealedSession sealed;
  sealed.set_nonce(RandomBytes(whatsapp::kGcmNonceBytes));
  sealed.set_sealed(whatsapp::AesGcmEncrypt(
      seal_key, sealed.nonce(), session_name, SerializeDevice(device)));
  return sealed.SerializeAsString();
}

absl::StatusOr<whatsapp::Device> OpenSealedDevice(
    absl::string_view seal_key, absl::string_view session_name,
    absl::string_view sealed_session) {
  store::v1::SealedSession sealed;
  if (!sealed.ParseFromArray(sealed_session.data(),
                             static_cast<int>(sealed_session.size())) ||
      sealed.nonce().size() != whatsapp::kGcmNonceBytes) {
    return absl::DataLossError(absl::StrCat("session ", session_name,
                                            ": the stored record is no ",
                                            "sealed session"));
  }
  const absl::StatusOr<std::string> opened = whatsapp::AesGcmDecrypt(
      seal_key, sealed.nonce(), session_name, sealed.sealed());
  if (!opened.ok()) {
    return absl::UnauthenticatedError(absl::StrCat(
        "session ", session_name,
        ": the key file does not open its stored keys; it is another ",
        "installation's key, or the record was changed"));
  }
  absl::StatusOr<whatsapp::Device> device = whatsapp::ParseDevice(*opened);
  if (!device.ok()) {
    return absl::DataLossError(absl::StrCat("session ", session_name, ": ",
                                            device.status().message()));
  }
  return device;
}

absl::StatusOr<std::string> LoadOrMakeKeyFile(const std::string& path) {
  absl::StatusOr<std::string> key = ReadKeyFile(path);
  if (!absl::IsNotFound(key.status())) return key;
  const absl::Status made = MakeKeyFile(path);
  if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
  return ReadKeyFile(path);
}

}  // namespace portrait
